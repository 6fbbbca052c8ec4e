using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Networks;

/// <summary>gantryd --ipv6 --fixed-cidr-v6, through Docker's command line; the second time with user namespaces.</summary>
public sealed class SixTests
{
    private const string Subnet = "fd6a:7e57:1::/64";
    private const string Gateway = "fd6a:7e57:1::1";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ContainersHaveIPv6(bool remapped)
    {
        if (!File.Exists("/proc/sys/net/ipv6/conf/all/disable_ipv6"))
            Assert.Skip("the kernel has no IPv6");
        await using var registry = await RegistryFixture.StartAsync("busybox");
        string[] options = ["--registry-mirror", registry.Url, "--ipv6", "--fixed-cidr-v6", Subnet];
        await using var engine = remapped ? await EngineFixture.StartRemappedAsync("231072:65536", options) : await EngineFixture.StartAsync(options);
        (await engine.DockerAsync("pull", "-q", "busybox")).Succeeded();

        (await engine.DockerAsync("run", "-d", "--name", "web", "-p", "80", "-p", $"[{Gateway}]:0:81", "busybox", "sh", "-c", "echo hello > /tmp/index.html; exec httpd -f -p [::]:80 -h /tmp")).Succeeded();
        var network = JsonDocument.Parse((await engine.DockerAsync("inspect", "--format", "{{json .NetworkSettings.Networks.bridge}}", "web")).Succeeded().Text).RootElement;
        var address = network.GetProperty("GlobalIPv6Address").GetString()!;
        Assert.Matches("^fd6a:7e57:1::[0-9a-f]+$", address);
        Assert.Equal((Gateway, 64), (network.GetProperty("IPv6Gateway").GetString(), network.GetProperty("GlobalIPv6PrefixLen").GetInt32()));
        Assert.Equal($"true {Subnet} {Gateway}", (await engine.DockerAsync("network", "inspect", "--format", "{{.EnableIPv6}} {{with index .IPAM.Config 1}}{{.Subnet}} {{.Gateway}}{{end}}", "bridge")).Succeeded().Text);
        Assert.Equal($"{address}/64", (await engine.DockerAsync("network", "inspect", "--format", "{{range .Containers}}{{.IPv6Address}}{{end}}", "bridge")).Succeeded().Text);
        Assert.Contains(address, (await engine.DockerAsync("exec", "web", "cat", "/etc/hosts")).Succeeded().Text, StringComparison.Ordinal);

        var published = (await engine.DockerAsync("port", "web", "80")).Succeeded().Text.Split('\n');
        Assert.Equal(2, published.Length);
        Assert.StartsWith("0.0.0.0:", published[0], StringComparison.Ordinal);
        Assert.Equal(published[0].Replace("0.0.0.0", "[::]", StringComparison.Ordinal), published[1]);
        var port = int.Parse(published[0].Split(':')[1], null);
        Assert.Contains($"[::]:{port}->80/tcp", (await engine.DockerAsync("ps", "--format", "{{.Ports}}")).Succeeded().Text, StringComparison.Ordinal);
        Assert.Equal(published, (await engine.GantryAsync("port", "web", "80")).Succeeded().Text.Split('\n'));
        Assert.StartsWith($"[{Gateway}]:", (await engine.DockerAsync("port", "web", "81")).Succeeded().Text, StringComparison.Ordinal);
        await AnswersAsync($"http://[{Gateway}]:{port}/");
        await AnswersAsync($"http://127.0.0.1:{port}/");
        // Whoever asks for localhost by IPv6 first is told so at once, and goes on to 127.0.0.1.
        using var local = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAnyAsync<SocketException>(() => local.ConnectAsync(IPAddress.IPv6Loopback, port))).SocketErrorCode);

        (await engine.DockerAsync("run", "--rm", "busybox", "wget", "-q", "-O", "/dev/null", $"http://[{address}]/")).Succeeded();
        (await engine.DockerAsync("run", "--rm", "busybox", "ping", "-6", "-c", "1", "-W", "5", Gateway)).Succeeded();
        Assert.Contains("publish on 127.0.0.1", (await engine.DockerAsync("run", "--rm", "-p", "[::1]::53/udp", "busybox")).Exited(125).Error, StringComparison.Ordinal);

        await engine.KillEngineAsync();
        await engine.StartEngineAsync();
        await AnswersAsync($"http://[{Gateway}]:{port}/");
        Assert.Equal(published, (await engine.DockerAsync("port", "web", "80")).Succeeded().Text.Split('\n'));
        (await engine.DockerAsync("restart", "-t", "0", "web")).Succeeded();
        (await engine.DockerAsync("rm", "-f", "web")).Succeeded();
    }

    private static Task AnswersAsync(string url) => Eventually.HoldsAsync($"{url} answers", async () => (await Command.RunAsync("curl", ["-sf", "-o", "/dev/null", url])).ExitCode == 0);
}
