using Gantry.Tests.E2E.Life;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Networks;

/// <summary>Published ports on the host's IPv6 addresses, of containers that have IPv4 alone.</summary>
[Collection(LifeCollection.Name)]
public sealed class RelayTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task PortsAreReachedByIPv6AlsoWhileTheEngineIsAway()
    {
        if (!File.Exists("/proc/sys/net/ipv6/conf/lo/disable_ipv6") || File.ReadAllText("/proc/sys/net/ipv6/conf/lo/disable_ipv6").Trim() != "0")
            Assert.Skip("this host has no IPv6");
        (await Engine.DockerAsync("run", "-d", "--name", "six", "-p", "80", "-p", "127.0.0.1::81", "-p", "[::1]::80", "-p", "53/udp", "busybox", "sh", "-c", "head -c 3000000 /dev/zero >/tmp/big; echo hello >/tmp/index.html; exec httpd -f -p 80 -h /tmp")).Succeeded();
        var published = (await Engine.DockerAsync("port", "six", "80")).Succeeded().Text.Split('\n');
        Assert.Equal(3, published.Length);
        var port = int.Parse(published[0].Split(':')[^1], null);
        Assert.Equal($"0.0.0.0:{port}", published[0]);
        Assert.Contains($"[::]:{port}", published);
        var loopback = published.Single(line => line.StartsWith("[::1]:", StringComparison.Ordinal));
        Assert.StartsWith("127.0.0.1:", (await Engine.DockerAsync("port", "six", "81")).Succeeded().Text, StringComparison.Ordinal);
        Assert.Matches("^0\\.0\\.0\\.0:[0-9]+$", (await Engine.DockerAsync("port", "six", "53/udp")).Succeeded().Text);
        Assert.Contains($"0.0.0.0:{port}->80/tcp, [::]:{port}->80/tcp", (await Engine.DockerAsync("ps", "--format", "{{.Ports}}", "--filter", "name=six")).Succeeded().Text.Replace(":::", "[::]:", StringComparison.Ordinal), StringComparison.Ordinal);

        await Eventually.HoldsAsync("it answers", async () => await AskAsync($"[::1]:{port}") == "hello\n");
        Assert.Equal("hello\n", await AskAsync($"127.0.0.1:{port}"));
        Assert.Equal("hello\n", await AskAsync(loopback));
        Assert.Equal(3_000_000, (await AskAsync($"[::1]:{port}/big")).Length);

        await Engine.KillEngineAsync();
        Assert.Equal("hello\n", await AskAsync($"[::1]:{port}"));
        await Engine.StartEngineAsync();
        Assert.Equal("hello\n", await AskAsync($"[::1]:{port}"));
        Assert.Equal(published, (await Engine.DockerAsync("port", "six", "80")).Succeeded().Text.Split('\n'));

        (await Engine.DockerAsync("stop", "-t", "0", "six")).Succeeded();
        Assert.Equal("", await AskAsync($"[::1]:{port}"));
        (await Engine.DockerAsync("start", "six")).Succeeded();
        var again = (await Engine.DockerAsync("port", "six", "80")).Succeeded().Text.Split('\n').Single(line => line.StartsWith("[::]:", StringComparison.Ordinal));
        await Eventually.HoldsAsync("it answers again", async () => await AskAsync(again.Replace("[::]", "[::1]", StringComparison.Ordinal)) == "hello\n");
        (await Engine.DockerAsync("rm", "-f", "six")).Succeeded();
    }

    private static async Task<string> AskAsync(string address) => (await Command.RunAsync("curl", ["-sgf", "-m", "20", $"http://{address}"])).Output;
}
