using System.Net;
using Gantry.Model;
using Gantry.Network.Bridge;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Network;

public sealed class AttachTests
{
    [Fact]
    public async Task An_endpoint_has_address_route_and_loopback()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var endpoint = await bridge.AttachAsync();

        Assert.Equal("10.213.77.2", endpoint.Address.ToString());
        Assert.Equal("02:42:0a:d5:4d:02", endpoint.MacAddress);
        var addresses = await HostNamespace.Run(endpoint.NetnsFd!, "ip", "-br", "address");
        Assert.Matches(@"lo +UNKNOWN +127\.0\.0\.1/8", addresses);
        Assert.Matches(@"eth0@if\d+ +UP +10\.213\.77\.2/24 *$", addresses);
        Assert.Contains("state forwarding", await HostNamespace.Run(bridge.Host, "bridge", "link"), StringComparison.Ordinal);
        Assert.StartsWith("default via 10.213.77.1 dev eth0", await HostNamespace.Run(endpoint.NetnsFd!, "ip", "route"), StringComparison.Ordinal);
        Assert.Contains("02:42:0a:d5:4d:02", await HostNamespace.Run(endpoint.NetnsFd!, "ip", "link", "show", "eth0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Host_and_containers_reach_each_other(string bridgedPacketsPassNetfilter)
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        await HostNamespace.SetAsync(bridge.Host, "net/bridge/bridge-nf-call-iptables", bridgedPacketsPassNetfilter);
        using var one = await bridge.AttachAsync("one");
        using var two = await bridge.AttachAsync("two");
        using var server = await HostNamespace.ServeAsync(one.NetnsFd!, 80, "hello");
        using var hostServer = await HostNamespace.ServeAsync(bridge.Host, 90, "host");

        Assert.Equal("hello 10.213.77.1", await HostNamespace.AskAsync(bridge.Host, "10.213.77.2", 80));
        Assert.Equal("hello 10.213.77.3", await HostNamespace.AskAsync(two.NetnsFd!, "10.213.77.2", 80));
        Assert.Equal("host 10.213.77.3", await HostNamespace.AskAsync(two.NetnsFd!, "10.213.77.1", 90));
    }

    [Fact]
    public async Task Leaving_the_host_has_the_hosts_address()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var endpoint = await bridge.AttachAsync();
        using var server = await HostNamespace.ServeAsync(bridge.Machine, 80, "outside");

        Assert.Equal("outside 10.99.0.1", await HostNamespace.AskAsync(endpoint.NetnsFd!, "10.99.0.2", 80));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Without_icc_containers_reach_only_published_ports(string bridgedPacketsPassNetfilter)
    {
        using var world = await HostNamespace.CreateAsync();
        await HostNamespace.SetAsync(world.Host, "net/bridge/bridge-nf-call-iptables", bridgedPacketsPassNetfilter);
        var options = BridgeOptions.ForInstance("network-tests") with { BridgeAddress = "10.213.77.1/24", HostNamespace = world.Host, WarmEndpoints = 0, InterContainer = false };
        var network = await BridgeNetwork.OpenAsync(options);
        using var one = await network.AttachAsync(new() { ContainerId = "one" });
        using var two = await network.AttachAsync(new() { ContainerId = "two" });
        using var server = await HostNamespace.ServeAsync(one.NetnsFd!, 80, "hello");
        using var ports = await network.PublishAsync(one, [BridgeFixture.Request("8080:80")]);

        Assert.Null(await HostNamespace.AskAsync(two.NetnsFd!, "10.213.77.2", 80, TimeSpan.FromMilliseconds(600)));
        Assert.Equal("hello 10.213.77.1", await HostNamespace.AskAsync(two.NetnsFd!, "10.99.0.1", 8080));
        Assert.NotNull(await HostNamespace.AskAsync(world.Host, "10.213.77.2", 80));
        await network.RemoveAsync();
    }

    [Fact]
    public async Task Asked_for_addresses_are_given_and_guarded()
    {
        await using var bridge = await BridgeFixture.CreateAsync(options => options with { WarmEndpoints = 2 });
        await bridge.Network.ReconcileAsync([]);
        await bridge.Network.SettleAsync();

        // .3 is warm by now: it is given up for who asks.
        using var asked = await bridge.Network.AttachAsync(new() { ContainerId = "a", Address = IPAddress.Parse("10.213.77.3"), MacAddress = "02:00:00:00:00:07" });
        Assert.Contains("02:00:00:00:00:07", await HostNamespace.Run(asked.NetnsFd!, "ip", "link", "show", "eth0"), StringComparison.Ordinal);
        var taken = await Assert.ThrowsAsync<GantryException>(() => bridge.Network.AttachAsync(new() { ContainerId = "b", Address = IPAddress.Parse("10.213.77.3") }));
        Assert.Equal(ErrorKind.Conflict, taken.Kind);
        var foreign = await Assert.ThrowsAsync<GantryException>(() => bridge.Network.AttachAsync(new() { ContainerId = "b", Address = IPAddress.Parse("10.1.1.1") }));
        Assert.Equal(ErrorKind.Invalid, foreign.Kind);
        using var next = await bridge.AttachAsync();
        Assert.Equal("10.213.77.2", next.Address.ToString());
    }

    [Fact]
    public async Task Warm_endpoints_are_used_and_replaced_and_freed()
    {
        await using var bridge = await BridgeFixture.CreateAsync(options => options with { WarmEndpoints = 2 });
        await bridge.Network.ReconcileAsync([]);
        await bridge.Network.SettleAsync();
        var before = (await bridge.LinksAsync()).Split(' ').Length;

        for (var round = 0; round < 10; round++)
        {
            using var endpoint = await bridge.AttachAsync();
            Assert.Equal("hello", (await HostNamespace.Run(endpoint.NetnsFd!, "echo", "hello")));
            await bridge.Network.DetachAsync(endpoint);
            await bridge.Network.DetachAsync(endpoint);
        }

        await bridge.Network.SettleAsync();
        Assert.Equal(before, (await bridge.LinksAsync()).Split(' ').Length);
        using var loopback = await bridge.Network.TakeLoopbackNamespaceAsync();
        Assert.Matches(@"^lo +UNKNOWN +127\.0\.0\.1/8 ::1/128 *$", await HostNamespace.Run(loopback, "ip", "-br", "address"));
    }

    [Fact]
    public async Task A_namespace_that_somebody_keeps_loses_its_interface_all_the_same()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        using var endpoint = await bridge.AttachAsync();
        using var kept = Kernel.Sys.Files.Open(endpoint.NetnsPath, 0);
        await bridge.Network.DetachAsync(endpoint);
        await bridge.Network.SettleAsync();
        Assert.DoesNotContain(endpoint.Record.HostInterface, await bridge.LinksAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_at_once_get_different_addresses()
    {
        await using var bridge = await BridgeFixture.CreateAsync(options => options with { WarmEndpoints = 2 });
        await bridge.Network.ReconcileAsync([]);
        var endpoints = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => bridge.AttachAsync($"c{i}")));
        Assert.Equal(40, endpoints.Select(endpoint => endpoint.Address.ToString()).Distinct().Count());
        foreach (var endpoint in endpoints)
            await bridge.Network.DetachAsync(endpoint);
    }

    [Fact]
    public async Task A_full_subnet_says_so_and_recovers()
    {
        await using var bridge = await BridgeFixture.CreateAsync(options => options with { BridgeAddress = "10.213.77.1/30" });
        var endpoint = await bridge.AttachAsync();
        var full = await Assert.ThrowsAsync<GantryException>(() => bridge.AttachAsync("d"));
        Assert.Equal(ErrorKind.Exhausted, full.Kind);
        Assert.Contains("--bip", full.Message, StringComparison.Ordinal);
        await bridge.Network.DetachAsync(endpoint);
        await bridge.Network.SettleAsync();
        using var again = await bridge.AttachAsync("e");
        Assert.Equal("10.213.77.2", again.Address.ToString());
    }

    [Fact]
    public async Task A_refused_step_leaves_nothing()
    {
        await using var bridge = await BridgeFixture.CreateAsync();
        var before = await bridge.LinksAsync();
        await HostNamespace.Run(bridge.Host, "ip", "link", "delete", bridge.Options.BridgeName);
        var refused = await Assert.ThrowsAsync<GantryException>(() => bridge.AttachAsync());
        Assert.Contains("create veth pair", refused.Message, StringComparison.Ordinal);
        Assert.Contains(bridge.Options.InterfacePrefix, refused.Message, StringComparison.Ordinal);
        await Eventually.HoldsAsync("the pair is gone", async () => !(await bridge.LinksAsync()).Contains(bridge.Options.InterfacePrefix, StringComparison.Ordinal));
        Assert.NotEmpty(before);
    }
}
