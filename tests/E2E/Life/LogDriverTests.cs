using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>Log drivers through Docker's own client, and reading logs back.</summary>
[Collection(LifeCollection.Name)]
public sealed class LogDriverTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task SyslogGetsEveryLineAndLogsReadsThemBack()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.ReceiveTimeout = 30_000;
        var address = $"udp://127.0.0.1:{((IPEndPoint)server.LocalEndPoint!).Port}";
        (await Engine.DockerAsync(
            "run", "--name", "l1", "--log-driver", "syslog", "--log-opt", $"syslog-address={address}", "--log-opt", "syslog-format=rfc5424", "--log-opt", "tag={{.Name}}", "--log-opt", "syslog-facility=local0", "busybox", "sh", "-c", "echo out; echo err >&2")).Succeeded();
        var buffer = new byte[4096];
        string[] messages = [Encoding.UTF8.GetString(buffer, 0, server.Receive(buffer)), Encoding.UTF8.GetString(buffer, 0, server.Receive(buffer))];
        Assert.Contains(messages, message => message.StartsWith("<134>1 ", StringComparison.Ordinal) && message.EndsWith(" l1 - out\n", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.StartsWith("<131>1 ", StringComparison.Ordinal) && message.EndsWith(" l1 - err\n", StringComparison.Ordinal));
        var logs = (await Engine.DockerAsync("logs", "l1")).Succeeded();
        Assert.Equal(("out\n", "err\n"), (logs.Output, logs.Error));
        (await Engine.DockerAsync("rm", "l1")).Succeeded();

        var refused = await Engine.DockerAsync("run", "--rm", "--log-driver", "syslog", "--log-opt", "syslog-address=tcp://127.0.0.1:1", "busybox", "true");
        Assert.Contains("failed to initialize logging driver", refused.Exited(125).Error, StringComparison.Ordinal);
        Assert.Contains("ECONNREFUSED", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyslogOverTls()
    {
        var directory = Directory.CreateTempSubdirectory("gantry-syslog-tls-");
        using var authority = new TestAuthority();
        using var identity = authority.Signed("server", TestAuthority.ServerUse, IPAddress.Loopback);
        var ca = Path.Combine(directory.FullName, "ca.pem");
        await File.WriteAllTextAsync(ca, authority.Certificate.ExportCertificatePem());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string[] options = ["--rm", "--log-driver", "syslog", "--log-opt", $"syslog-address=tcp+tls://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"];
        var serving = ServeAsync();
        (await Engine.DockerAsync(["run", .. options, "--log-opt", $"syslog-tls-ca-cert={ca}", "busybox", "echo", "out"])).Succeeded();
        Assert.EndsWith("]: out\n", await serving, StringComparison.Ordinal);

        serving = ServeAsync();
        var refused = await Engine.DockerAsync(["run", .. options, "busybox", "true"]);
        Assert.Contains("failed to initialize logging driver: TLS with 127.0.0.1: the server's certificate is not trusted: unable to get local issuer certificate", refused.Exited(125).Error, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
        directory.Delete(recursive: true);

        async Task<string> ServeAsync()
        {
            using var connection = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsServerAsync(identity);
            using var reader = new StreamReader(tls);
            return await reader.ReadToEndAsync();
        }
    }

    [Fact]
    public async Task LocalAndNone()
    {
        (await Engine.DockerAsync("run", "--name", "l2", "--log-driver", "local", "--log-opt", "max-size=16k", "--log-opt", "max-file=3", "busybox", "seq", "1", "2000")).Succeeded();
        var lines = (await Engine.DockerAsync("logs", "l2")).Succeeded().Text.Split('\n');
        Assert.Equal("2000", lines[^1]);
        Assert.InRange(lines.Length, 200, 1999); // rotated twice and more: the oldest have fallen off
        Assert.Equal(Enumerable.Range(2001 - lines.Length, lines.Length).Select(i => $"{i}"), lines);
        Assert.Equal("", (await Engine.DockerAsync("inspect", "--format", "{{.LogPath}}", "l2")).Succeeded().Text);
        (await Engine.DockerAsync("run", "--name", "l3", "--log-driver", "none", "busybox", "echo", "x")).Succeeded();
        Assert.Contains("configured logging driver does not support reading", (await Engine.DockerAsync("logs", "l3")).Exited(1).Error.Replace("\"none\" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("plugin \"splunk\" not found", (await Engine.DockerAsync("run", "--log-driver", "splunk", "busybox")).Exited(125).Error, StringComparison.Ordinal);
        (await Engine.DockerAsync("rm", "l2", "l3")).Succeeded();
    }

    [Fact]
    public async Task LinesAreReadBackAsTheyWere()
    {
        (await Engine.DockerAsync(
            "run", "--name", "l4", "--label", "color=red", "--log-opt", "labels=color", "--log-opt", "max-size=200k", "--log-opt", "max-file=4", "busybox", "sh", "-c",
            "head -c 40000 /dev/zero | tr '\\0' z; echo; i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done; printf unfinished")).Succeeded();
        var all = (await Engine.DockerAsync("logs", "l4")).Succeeded().Output.Split('\n');
        Assert.Equal((40000, "0", "unfinished"), (all[0].Length, all[1], all[^1]));
        Assert.Equal(3002, all.Length);
        Assert.Equal("2998\n2999\nunfinished", (await Engine.DockerAsync("logs", "--tail", "3", "l4")).Succeeded().Output);
        Assert.Matches("^[0-9-]+T[0-9:]+\\.[0-9]{9}Z color=red 2999$", (await Engine.DockerAsync("logs", "--tail", "2", "-t", "--details", "l4")).Succeeded().Output.Split('\n')[0]);

        // Since and until, from a line in the middle.
        var stamp = (await Engine.DockerAsync("logs", "-t", "l4")).Succeeded().Output.Split('\n').Single(line => line.EndsWith("Z 1500", StringComparison.Ordinal)).Split(' ')[0];
        var since = (await Engine.DockerAsync("logs", "--since", stamp, "l4")).Succeeded().Output.Split('\n');
        Assert.Equal(("1500", 1501), (since[0], since.Length));
        var until = (await Engine.DockerAsync("logs", "--until", stamp, "l4")).Succeeded().Text.Split('\n');
        Assert.Equal(("1500", 1502), (until[^1], until.Length));
        (await Engine.DockerAsync("rm", "l4")).Succeeded();
    }

    [Fact]
    public async Task FollowingSurvivesRotation()
    {
        (await Engine.DockerAsync("run", "-d", "--name", "l5", "--log-opt", "max-size=64k", "--log-opt", "max-file=2", "busybox", "sh", "-c", "i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i+1)); [ $((i % 100)) = 0 ] && sleep 0.02; done")).Succeeded();
        var followed = (await Engine.DockerAsync("logs", "-f", "l5")).Succeeded().Text.Split('\n');
        Assert.Equal("line 3999", followed[^1]);
        var first = int.Parse(followed[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(Enumerable.Range(first, 4000 - first).Select(i => $"line {i}"), followed);
        (await Engine.DockerAsync("rm", "l5")).Succeeded();
    }
}
