using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Network;

public sealed class PublishTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(600);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "0")]
    [InlineData("1", "1")]
    public async Task A_published_port_is_reached_from_everywhere(string bridgedPacketsPassNetfilter, string strictReversePath)
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        await HostNamespace.SetAsync(bridge.Host, "net/ipv4/conf/all/rp_filter", strictReversePath);
        await HostNamespace.SetAsync(bridge.Host, "net/bridge/bridge-nf-call-iptables", bridgedPacketsPassNetfilter);
        using var one = await bridge.AttachAsync("one");
        using var two = await bridge.AttachAsync("two");
        using var server = await HostNamespace.ServeAsync(one.NetnsFd!, 80, "hello");
        using var ports = await bridge.PublishAsync(one, "8080:80");

        Assert.Equal("hello 10.213.77.1", await HostNamespace.AskAsync(bridge.Host, "127.0.0.1", 8080));
        Assert.Equal("hello 10.213.77.1", await HostNamespace.AskAsync(bridge.Host, "127.0.0.2", 8080));
        Assert.Equal("hello 10.99.0.1", await HostNamespace.AskAsync(bridge.Host, "10.99.0.1", 8080));
        Assert.Equal("hello 10.99.0.2", await HostNamespace.AskAsync(bridge.Machine, "10.99.0.1", 8080));
        Assert.Equal("hello 10.213.77.1", await HostNamespace.AskAsync(two.NetnsFd!, "10.213.77.1", 8080));
        Assert.Equal("hello 10.213.77.1", await HostNamespace.AskAsync(two.NetnsFd!, "10.99.0.1", 8080));
        Assert.Equal("hello 10.213.77.1", await HostNamespace.AskAsync(one.NetnsFd!, "10.99.0.1", 8080));

        await bridge.Network.WithdrawAsync(one, ports);
        await bridge.Network.WithdrawAsync(one, ports);
        Assert.Null(await HostNamespace.AskAsync(bridge.Host, "127.0.0.1", 8080, s_short));
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "10.99.0.1", 8080, s_short));
        Assert.DoesNotContain("8080", await bridge.RulesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_at_one_address_is_reached_there_only()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var one = await bridge.AttachAsync("one");
        using var two = await bridge.AttachAsync("two");
        using var server = await HostNamespace.ServeAsync(one.NetnsFd!, 80, "one");
        using var other = await HostNamespace.ServeAsync(two.NetnsFd!, 80, "two");
        using var local = await bridge.PublishAsync(one, "127.0.0.1:8080:80");
        using var outward = await bridge.PublishAsync(two, "10.99.0.1:8080:80");

        Assert.Equal("one 10.213.77.1", await HostNamespace.AskAsync(bridge.Host, "127.0.0.1", 8080));
        Assert.Equal("two 10.99.0.1", await HostNamespace.AskAsync(bridge.Host, "10.99.0.1", 8080));
        Assert.Equal("two 10.99.0.2", await HostNamespace.AskAsync(bridge.Machine, "10.99.0.1", 8080));

        // A machine of the same link that believes 127.0.0.1 to be behind the host.
        await MakeLoopbackRemoteAsync(bridge.Machine, "10.99.0.1");
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "127.0.0.1", 8080, s_short));
    }

    [Fact]
    [SuppressMessage("Naming", "CA1707", Justification = "CVE number")]
    public async Task CVE_2020_8558_a_container_does_not_reach_the_hosts_loopback()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var container = await bridge.AttachAsync();
        using var secret = await HostNamespace.InAsync(bridge.Host, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 9000));
            return socket;
        });
        using var attacker = await HostNamespace.UdpAsync(container.NetnsFd!);
        await MakeLoopbackRemoteAsync(container.NetnsFd!, "10.213.77.1");

        await HostNamespace.AskUdpAsync(attacker, "127.0.0.1", 9000, s_short);
        Assert.Equal(0, secret.Available);

        // Without the guard it would get in: the test is able to fail.
        await HostNamespace.Run(bridge.Host, "nft", "flush", "chain", "ip", bridge.Options.TableName, "guard");
        await HostNamespace.AskUdpAsync(attacker, "127.0.0.1", 9000, s_short);
        Assert.NotEqual(0, secret.Available);
    }

    [Fact]
    public async Task Container_addresses_are_not_reached_from_outside()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var container = await bridge.AttachAsync();
        using var server = await HostNamespace.ServeAsync(container.NetnsFd!, 80, "hello");
        using var ports = await bridge.PublishAsync(container, "8080:80");
        await HostNamespace.Run(bridge.Machine, "ip", "route", "add", "10.213.77.0/24", "via", "10.99.0.1");

        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "10.213.77.2", 80, s_short));
        Assert.NotNull(await HostNamespace.AskAsync(bridge.Machine, "10.99.0.1", 8080));
    }

    [Fact]
    public async Task Direct_routing_opens_published_ports_only()
    {
        await using var bridge = await BridgeFixture.CreateAsync(options => options with { AllowDirectRouting = true });
        using var container = await bridge.AttachAsync();
        using var server = await HostNamespace.ServeAsync(container.NetnsFd!, 80, "hello");
        using var closed = await HostNamespace.ServeAsync(container.NetnsFd!, 81, "closed");
        using var ports = await bridge.PublishAsync(container, "8080:80");
        await HostNamespace.Run(bridge.Machine, "ip", "route", "add", "10.213.77.0/24", "via", "10.99.0.1");

        Assert.Equal("hello 10.99.0.2", await HostNamespace.AskAsync(bridge.Machine, "10.213.77.2", 80));
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "10.213.77.2", 81, s_short));
        await bridge.Network.WithdrawAsync(container, ports);
        Assert.Null(await HostNamespace.AskAsync(bridge.Machine, "10.213.77.2", 80, s_short));
    }

    [Fact]
    public async Task Udp_works_also_for_a_client_that_was_there_before()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var container = await bridge.AttachAsync();
        using var server = await HostNamespace.ServeUdpAsync(container.NetnsFd!, 53, "pong");
        using var early = await HostNamespace.UdpAsync(bridge.Machine);
        using var local = await HostNamespace.UdpAsync(bridge.Host);
        using (var sink = await HostNamespace.UdpAsync(bridge.Host))
        {
            // Somebody took the packets and said nothing: the connection is tracked, without translation.
            await HostNamespace.InAsync(bridge.Host, () =>
            {
                sink.Bind(new IPEndPoint(IPAddress.Any, 5353));
                return true;
            });
            Assert.Null(await HostNamespace.AskUdpAsync(early, "10.99.0.1", 5353, s_short));
            Assert.Null(await HostNamespace.AskUdpAsync(local, "127.0.0.1", 5353, s_short));
        }

        using var ports = await bridge.PublishAsync(container, "5353:53/udp");
        Assert.Equal("pong", await HostNamespace.AskUdpAsync(early, "10.99.0.1", 5353));
        Assert.Equal("pong", await HostNamespace.AskUdpAsync(local, "127.0.0.1", 5353));
        using var inside = await HostNamespace.UdpAsync(container.NetnsFd!);
        Assert.Equal("pong", await HostNamespace.AskUdpAsync(inside, "10.99.0.1", 5353));
        await bridge.Network.WithdrawAsync(container, ports);
        Assert.Null(await HostNamespace.AskUdpAsync(early, "10.99.0.1", 5353, s_short));
    }

    [Fact]
    public async Task A_taken_port_names_its_container()
    {
        await using var bridge = await BridgeFixture.CreateAsync(options => options with { ContainerName = id => id.StartsWith("one", StringComparison.Ordinal) ? "web" : null });
        using var one = await bridge.AttachAsync("one");
        using var two = await bridge.AttachAsync("two");
        using var ports = await bridge.PublishAsync(one, "8080:80");

        var taken = await Assert.ThrowsAsync<GantryException>(() => bridge.PublishAsync(two, "8081:80", "127.0.0.1:8080:80"));
        Assert.Equal(ErrorKind.Conflict, taken.Kind);
        Assert.Equal("Bind for 127.0.0.1:8080 failed: port is already allocated: tcp port 8080 is held by container web; stop that, or publish on another host port", taken.Message);

        // All or none: 8081 is free again, and no rule of it is left.
        Assert.DoesNotContain("8081", await bridge.RulesAsync(), StringComparison.Ordinal);
        using var again = await bridge.PublishAsync(two, "8081:80");
        using var udp = await bridge.PublishAsync(two, "8080:80/udp");
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task A_taken_port_names_its_process(string protocol)
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var container = await bridge.AttachAsync();
        using var holder = protocol == "tcp"
            ? await HostNamespace.ServeAsync(bridge.Host, 8080, "mine", "127.0.0.1")
            : await HostNamespace.ServeUdpAsync(bridge.Host, 8080, "mine");

        var taken = await Assert.ThrowsAsync<GantryException>(() => bridge.PublishAsync(container, $"8080:80/{protocol}"));
        Assert.Contains("port is already allocated", taken.Message, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId})", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_published_port_cannot_be_bound_by_others()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var container = await bridge.AttachAsync();
        using var ports = await bridge.PublishAsync(container, "8080:80", "8080:80/udp");
        foreach (var (type, protocol) in new[] { (SocketType.Stream, ProtocolType.Tcp), (SocketType.Dgram, ProtocolType.Udp) })
        {
            var refused = await Assert.ThrowsAsync<SocketException>(() => HostNamespace.InAsync(bridge.Host, () =>
            {
                using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, protocol == ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Any, 8080));
                return true;
            }));
            Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
        }
    }

    [Fact]
    public async Task Ranges_take_the_first_free_port_and_none_an_ephemeral_one()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var container = await bridge.AttachAsync();
        using var first = await bridge.PublishAsync(container, "8000-8001:80");
        using var second = await bridge.PublishAsync(container, "8000-8001:81");
        using var ephemeral = await bridge.PublishAsync(container, ":82");

        Assert.Equal(8000, first.Ports[0].HostPort);
        Assert.Equal(8001, second.Ports[0].HostPort);
        Assert.InRange(ephemeral.Ports[0].HostPort, 1024, 65535);
        var full = await Assert.ThrowsAsync<GantryException>(() => bridge.PublishAsync(container, "8000-8001:83"));
        Assert.Contains("all ports are allocated", full.Message, StringComparison.Ordinal);
        var foreign = await Assert.ThrowsAsync<GantryException>(() => bridge.PublishAsync(container, "203.0.113.7:8002:84"));
        Assert.Equal(ErrorKind.Invalid, foreign.Kind);
    }

    [Fact]
    public async Task A_table_that_was_flushed_is_made_again()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var container = await bridge.AttachAsync();
        using var server = await HostNamespace.ServeAsync(container.NetnsFd!, 80, "hello");
        using var ports = await bridge.PublishAsync(container, "8080:80");
        await HostNamespace.Run(bridge.Host, "nft", "flush", "ruleset");

        using var more = await bridge.PublishAsync(container, "8081:80");
        Assert.NotNull(await HostNamespace.AskAsync(bridge.Host, "127.0.0.1", 8080));
        Assert.NotNull(await HostNamespace.AskAsync(bridge.Host, "127.0.0.1", 8081));
        await HostNamespace.Run(bridge.Host, "nft", "flush", "ruleset");
        await bridge.Network.WithdrawAsync(container, more);
        Assert.NotNull(await HostNamespace.AskAsync(bridge.Host, "127.0.0.1", 8080));
    }

    // As somebody with raw sockets or rights over the namespace would: loopback addresses leave by the wire.
    private static async Task MakeLoopbackRemoteAsync(Kernel.Fds.Fd netns, string gateway)
    {
        await HostNamespace.SetAsync(netns, "net/ipv4/conf/eth0/route_localnet", "1");
        foreach (var route in new[] { "local 127.0.0.0/8", "local 127.0.0.1", "broadcast 127.255.255.255" })
            await HostNamespace.Run(netns, ["ip", "route", "delete", "table", "local", .. route.Split(' ')]);
        await HostNamespace.Run(netns, "ip", "route", "add", "127.0.0.1/32", "via", gateway);
    }
}
