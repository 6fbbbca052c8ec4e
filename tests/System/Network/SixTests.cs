using System.Net;
using System.Net.Sockets;
using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Network.Bridge;
using Gantry.Network.Ports;
using Xunit;

namespace Gantry.Tests.System.Network;

/// <summary>A bridge with IPv6, in a host of its own whose network has it, too.</summary>
public sealed class SixTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(600);

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // taken from those that are ready
    public async Task Containers_have_the_same_number_in_both_subnets(int warm)
    {
        await using var bridge = await CreateAsync(options => options with { WarmEndpoints = warm });
        if (warm > 0)
        {
            await bridge.Network.ReconcileAsync([]);
            await bridge.Network.SettleAsync();
        }

        using var one = await bridge.AttachAsync("one");
        using var two = await bridge.AttachAsync("two");
        Assert.Equal(("10.213.77.2", "fd77::2", 64, "fd77::1"), (one.Record.Address, one.Record.Address6, one.Record.PrefixLength6, one.Record.Gateway6));
        // Which one it is depends on how many are kept ready.
        var second = two.Record.Address6!;
        Assert.Equal($"fd77::{int.Parse(two.Record.Address.Split('.')[3], null):x}", second);
        using var server = await HostNamespace.ServeAsync(two.NetnsFd!, 80, "two", "::");
        Assert.Equal("two fd77::2", await HostNamespace.AskAsync(one.NetnsFd!, second, 80));
        Assert.Contains("default via fd77::1 dev eth0", await HostNamespace.Run(one.NetnsFd!, "ip", "-6", "route"), StringComparison.Ordinal);
        Assert.DoesNotContain("tentative", await HostNamespace.Run(one.NetnsFd!, "ip", "-6", "address"), StringComparison.Ordinal);

        // To the world under the host's address.
        using var world = await HostNamespace.ServeAsync(bridge.Machine, 81, "world", "::");
        Assert.Equal("world fd99::1", await HostNamespace.AskAsync(one.NetnsFd!, "fd99::2", 81));
        // From the world only what is published.
        await HostNamespace.Run(bridge.Machine, "ip", "-6", "route", "add", "fd77::/64", "via", "fd99::1");
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, second, 80, s_short));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task A_published_port_is_reached_by_both(string bridgedPacketsPassNetfilter)
    {
        await using var bridge = await CreateAsync();
        await HostNamespace.SetAsync(bridge.Host, "net/bridge/bridge-nf-call-ip6tables", bridgedPacketsPassNetfilter);
        using var one = await bridge.AttachAsync("one");
        using var two = await bridge.AttachAsync("two");
        using var server = await HostNamespace.ServeAsync(one.NetnsFd!, 80, "four");
        using var other = await HostNamespace.ServeSixAsync(one.NetnsFd!, 80, "six");
        using var ports = await bridge.PublishAsync(one, "0:80");

        Assert.Equal(["0.0.0.0", "::"], ports.Ports.Select(static port => port.HostAddress));
        var port = ports.Ports[0].HostPort;
        Assert.Equal(port, ports.Ports[1].HostPort);
        Assert.Equal(2, ports.Sockets.Count);
        Assert.Equal("four 10.99.0.2", await HostNamespace.AskAsync(bridge.Machine, "10.99.0.1", port));
        Assert.Equal("six fd99::2", await HostNamespace.AskAsync(bridge.Machine, "fd99::1", port));
        Assert.Equal("six fd99::1", await HostNamespace.AskAsync(bridge.Host, "fd99::1", port));
        // Whoever asks for localhost by IPv6 first is sent on to 127.0.0.1 at once.
        using var local = await HostNamespace.InAsync(bridge.Host, static () => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAnyAsync<SocketException>(() => local.ConnectAsync(IPAddress.IPv6Loopback, port))).SocketErrorCode);
        Assert.Equal("six fd77::1", await HostNamespace.AskAsync(two.NetnsFd!, "fd99::1", port));
        Assert.Equal("six fd77::1", await HostNamespace.AskAsync(one.NetnsFd!, "fd77::1", port));

        await bridge.Network.WithdrawAsync(one, ports);
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "fd99::1", port, s_short));
        Assert.DoesNotContain($"{port}", await bridge.RulesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_at_one_address_is_reached_there_only()
    {
        await using var bridge = await CreateAsync();
        using var one = await bridge.AttachAsync("one");
        using var server = await HostNamespace.ServeSixAsync(one.NetnsFd!, 80, "one");
        using var udp = await HostNamespace.ServeUdpAsync(one.NetnsFd!, 53, "pong", "::");
        using var local = await bridge.Network.PublishAsync(one, [Request("80", "fd77::1", "8080")]);
        using var outward = await bridge.Network.PublishAsync(one, [Request("53/udp", "fd99::1", "5300"), Request("80", "::", "9090")]);

        Assert.Equal("one fd77::1", await HostNamespace.AskAsync(bridge.Host, "fd77::1", 8080));
        var loopback = await Assert.ThrowsAsync<GantryException>(() => bridge.Network.PublishAsync(one, [Request("80/udp", "::1", "8080")]));
        Assert.Contains("publish on 127.0.0.1", loopback.Message, StringComparison.Ordinal);
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "fd99::1", 8080, s_short));
        Assert.Equal("one fd99::2", await HostNamespace.AskAsync(bridge.Machine, "fd99::1", 9090));
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "10.99.0.1", 9090, s_short));
        using var client = await HostNamespace.UdpAsync(bridge.Machine, AddressFamily.InterNetworkV6);
        Assert.Equal("pong", await HostNamespace.AskUdpAsync(client, "fd99::1", 5300));
        await bridge.Network.WithdrawAsync(one, outward);
        Assert.Null(await HostNamespace.AskUdpAsync(client, "fd99::1", 5300, s_short));

        // Each kind of a port is taken by itself.
        var taken = await Assert.ThrowsAsync<GantryException>(() => bridge.Network.PublishAsync(one, [Request("80", "::", "8080")]));
        Assert.Contains("Bind for [::]:8080 failed: port is already allocated", taken.Message, StringComparison.Ordinal);
        using var four = await bridge.Network.PublishAsync(one, [Request("80", "0.0.0.0", "8080")]);
    }

    [Fact]
    public async Task Without_it_nothing_of_it_is_left()
    {
        await using var bridge = await BridgeFixture.CreateAsync(hasIPv6: true);
        using var one = await bridge.AttachAsync("one");
        Assert.Null(one.Record.Address6);
        Assert.Equal("", await HostNamespace.Run(one.NetnsFd!, "ip", "-6", "address", "show", "dev", "eth0"));
        var refused = await Assert.ThrowsAsync<GantryException>(() => bridge.Network.PublishAsync(one, [Request("53/udp", "::", "5300")]));
        Assert.Contains("start gantryd with --ipv6", refused.Message, StringComparison.Ordinal);
        // What the kernel does not forward is for a relay, which gets a socket that listens.
        using var ports = await bridge.Network.PublishAsync(one, [Request("80", "", "8080"), Request("80", "::1", "9090"), Request("53/udp", "", "5300")]);
        Assert.Equal(["0.0.0.0:8080 False", ":::8080 True", "::1:9090 True", "0.0.0.0:5300 False"], ports.Ports.Select(static port => $"{port.HostAddress}:{port.HostPort} {port.IsRelayed}"));
        using (var client = await HostNamespace.InAsync(bridge.Host, static () => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp)))
            await client.ConnectAsync(IPAddress.IPv6Loopback, 8080);
        var taken = await Assert.ThrowsAsync<GantryException>(() => bridge.Network.PublishAsync(one, [Request("80", "::", "8080")]));
        Assert.Contains("Bind for [::]:8080 failed: port is already allocated", taken.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ip6", await bridge.RulesAsync(), StringComparison.Ordinal);

        // The next engine has it, and the one after that no more. Each finds the container of the first.
        await bridge.Network.DisposeAsync();
        LiveEndpoint[] live = [new(one.Record, null, [])];
        var next = await BridgeNetwork.OpenAsync(bridge.Options with { EnableIPv6 = true });
        await next.ReconcileAsync(live);
        Assert.Matches("^fd[0-9a-f:]+/64$", next.Subnet6);
        Assert.Contains("table ip6 ", await bridge.RulesAsync(), StringComparison.Ordinal);
        Assert.Contains(next.Gateway6!.ToString(), await HostNamespace.Run(bridge.Host, "ip", "-6", "address", "show", "dev", bridge.Options.BridgeName), StringComparison.Ordinal);
        using var two = await next.AttachAsync(new() { ContainerId = "two" });
        Assert.NotNull(two.Record.Address6);
        await next.DetachAsync(two);
        await next.DisposeAsync();

        await using var last = await BridgeNetwork.OpenAsync(bridge.Options);
        Assert.DoesNotContain("ip6", await bridge.RulesAsync(), StringComparison.Ordinal);
        Assert.Equal("", await HostNamespace.Run(bridge.Host, "ip", "-6", "address", "show", "dev", bridge.Options.BridgeName));
        await last.RemoveAsync();
    }

    [Fact]
    public async Task Sctp_is_published_where_the_kernel_has_it()
    {
        await using var bridge = await CreateAsync();
        using var one = await bridge.AttachAsync("one");
        var request = Request("38412/sctp", "", "38412");
        var hasSctp = await HostNamespace.InAsync(bridge.Host, static () => Gantry.Kernel.Sys.InetSockets.TryBind(Gantry.Kernel.Sys.Transport.Sctp, IPAddress.Loopback, 0, out var bound) is 0 && Close(bound.Socket));
        if (!hasSctp)
        {
            var refused = await Assert.ThrowsAsync<GantryException>(() => bridge.Network.PublishAsync(one, [request]));
            Assert.Equal(ErrorKind.NotSupported, refused.Kind);
            Assert.Contains("modprobe sctp", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("38412", await bridge.RulesAsync(), StringComparison.Ordinal);
            return;
        }

        using var ports = await bridge.Network.PublishAsync(one, [request]);
        Assert.Contains("sctp . 38412 : 10.213.77.2 . 38412", await bridge.RulesAsync(), StringComparison.Ordinal);

        static bool Close(Fd socket)
        {
            socket.Dispose();
            return true;
        }
    }

    private static Task<BridgeFixture> CreateAsync(Func<BridgeOptions, BridgeOptions>? change = null) => BridgeFixture.CreateAsync(
        options => (change ?? (static same => same))(options with { EnableIPv6 = true, FixedCidr6 = "fd77::/64" }),
        hasIPv6: true);

    private static PortRequest Request(string port, string address, string hostPort) => PortRequest.From(port, new() { HostIp = address, HostPort = hostPort });
}
