using System.Diagnostics;
using Gantry.Model;
using Gantry.Network.Bridge;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Network;

public sealed class LifeTests
{
    [Fact]
    public async Task Nothing_is_left_when_it_is_removed()
    {
        using var world = await HostNamespace.CreateAsync();
        var before = (await HostNamespace.LinksAsync(world.Host), await HostNamespace.Run(world.Host, "ip", "route"), await HostNamespace.Run(world.Host, "ls", "/proc/sys/net/ipv4/conf"));
        var network = await BridgeNetwork.OpenAsync(Options(world, warm: 2));
        await network.ReconcileAsync([]);
        using var endpoint = await network.AttachAsync(new() { ContainerId = "c" });
        using var ports = await network.PublishAsync(endpoint, [BridgeFixture.Request("8080:80")]);
        await network.RemoveAsync();

        Assert.Equal(before, (await HostNamespace.LinksAsync(world.Host), await HostNamespace.Run(world.Host, "ip", "route"), await HostNamespace.Run(world.Host, "ls", "/proc/sys/net/ipv4/conf")));
        Assert.Equal("", await HostNamespace.Run(world.Host, "nft", "list", "ruleset"));
    }

    [Fact]
    public async Task An_idle_network_leaves_with_its_engine_and_other_tables_stay()
    {
        using var world = await HostNamespace.CreateAsync();
        await HostNamespace.Run(world.Host, "nft", "add table ip other; add chain ip other forward { type filter hook forward priority 0; policy drop; }");
        var network = await BridgeNetwork.OpenAsync(Options(world, warm: 2));
        Assert.Contains(network.Warnings, warning => warning.Contains("table ip other drops forwarded packets", StringComparison.Ordinal) && warning.Contains("nft insert rule ip other forward", StringComparison.Ordinal));
        await network.ReconcileAsync([]);
        var endpoint = await network.AttachAsync(new() { ContainerId = "c" });
        await network.DetachAsync(endpoint);
        await network.DisposeAsync();

        Assert.DoesNotContain("gantry", await HostNamespace.LinksAsync(world.Host), StringComparison.Ordinal);
        Assert.Equal("table ip other", await HostNamespace.Run(world.Host, "nft", "list", "tables"));
    }

    [Fact]
    public async Task A_new_engine_adopts_what_lives_and_frees_the_rest()
    {
        using var world = await HostNamespace.CreateAsync();
        var first = await BridgeNetwork.OpenAsync(Options(world));
        using var living = await first.AttachAsync(new() { ContainerId = "living" });
        using var dead = await first.AttachAsync(new() { ContainerId = "dead" });
        var ports = await first.PublishAsync(living, [BridgeFixture.Request("8080:80")]);
        using var deadPorts = await first.PublishAsync(dead, [BridgeFixture.Request("8081:80")]);
        using var server = await HostNamespace.ServeAsync(living.NetnsFd!, 80, "hello");
        using var process = Command.Start("nsenter", [$"--net={living.NetnsPath}", "--", "sleep", "300"]);
        try
        {
            await Eventually.HoldsAsync("it sleeps", async () => (await File.ReadAllTextAsync($"/proc/{process.Id}/comm")).Trim() == "sleep");

            // The first engine is not disposed: it crashed. Its container's monitor still holds the port.
            var second = await BridgeNetwork.OpenAsync(Options(world, warm: 2));
            Assert.NotNull(await HostNamespace.AskAsync(world.Host, "127.0.0.1", 8080));
            var adopted = Assert.Single(await second.ReconcileAsync([new(living.Record, process.Id, ports.Ports)]));

            Assert.NotNull(await HostNamespace.AskAsync(world.Host, "127.0.0.1", 8080));
            Assert.NotNull(await HostNamespace.AskAsync(adopted.Endpoint.NetnsFd!, "10.213.77.2", 80));
            var links = await HostNamespace.LinksAsync(world.Host);
            Assert.Contains(living.Record.HostInterface, links, StringComparison.Ordinal);
            Assert.DoesNotContain(dead.Record.HostInterface, links, StringComparison.Ordinal);
            Assert.DoesNotContain("8081", await HostNamespace.Run(world.Host, "nft", "list", "ruleset"), StringComparison.Ordinal);

            using var next = await second.AttachAsync(new() { ContainerId = "next" });
            Assert.NotEqual(living.Address, next.Address);
            var taken = await Assert.ThrowsAsync<GantryException>(() => second.PublishAsync(next, [BridgeFixture.Request("8080:80")]));
            Assert.Contains("container living", taken.Message, StringComparison.Ordinal);

            // A graceful end leaves the running container connected.
            await second.DisposeAsync();
            Assert.NotNull(await HostNamespace.AskAsync(world.Host, "127.0.0.1", 8080));

            var third = await BridgeNetwork.OpenAsync(Options(world));
            adopted = Assert.Single(await third.ReconcileAsync([new(living.Record, process.Id, ports.Ports)]));
            await third.WithdrawAsync(adopted.Endpoint, adopted.Ports);
            await third.DetachAsync(adopted.Endpoint);
            ports.Dispose();
            await third.DisposeAsync();
            Assert.Equal("", await HostNamespace.Run(world.Host, "nft", "list", "ruleset"));
            Assert.DoesNotContain("gantry", await HostNamespace.LinksAsync(world.Host), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task The_subnet_is_one_that_no_route_uses_and_stays()
    {
        using var world = await HostNamespace.CreateAsync();
        await HostNamespace.Run(world.Host, "ip", "route", "add", "172.16.0.0/15", "via", "10.99.0.2");
        await HostNamespace.Run(world.Host, "ip", "address", "add", "172.18.7.1/24", "dev", "up0");
        var options = Options(world) with { BridgeAddress = null };
        var network = await BridgeNetwork.OpenAsync(options);
        Assert.Equal("172.19.0.0/16", network.Subnet);
        await HostNamespace.Run(world.Host, "ip", "route", "delete", "172.16.0.0/15");

        var again = await BridgeNetwork.OpenAsync(options);
        Assert.Equal("172.19.0.0/16", again.Subnet);
        await again.RemoveAsync();
        await network.RemoveAsync();
    }

    [Fact]
    public async Task An_interface_that_is_no_bridge_is_left_alone()
    {
        using var world = await HostNamespace.CreateAsync();
        var options = Options(world) with { BridgeName = "up0" };
        var refused = await Assert.ThrowsAsync<GantryException>(() => BridgeNetwork.OpenAsync(options));
        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        Assert.Contains("up0", await HostNamespace.LinksAsync(world.Host), StringComparison.Ordinal);
        Assert.Equal("", await HostNamespace.Run(world.Host, "nft", "list", "ruleset"));
    }

    [Fact]
    public async Task A_subnet_that_is_in_use_is_refused_and_leaves_nothing()
    {
        using var world = await HostNamespace.CreateAsync();
        var before = await HostNamespace.LinksAsync(world.Host);
        var refused = await Assert.ThrowsAsync<GantryException>(() => BridgeNetwork.OpenAsync(Options(world) with { BridgeAddress = "10.99.0.77/16" }));
        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        Assert.Contains("overlaps the address 10.99.0.1/24 of up0", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await HostNamespace.LinksAsync(world.Host));
    }

    [Fact]
    public async Task A_storm_of_containers_leaves_no_port_rule_interface_or_descriptor()
    {
        using var world = await HostNamespace.CreateAsync();
        var before = await HostNamespace.LinksAsync(world.Host);
        var network = await BridgeNetwork.OpenAsync(Options(world, warm: 2));
        await network.ReconcileAsync([]);
        await network.SettleAsync();
        var descriptors = Sockets();

        await Parallel.ForEachAsync(Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            using var endpoint = await network.AttachAsync(new() { ContainerId = $"c{i}" }, token);
            try
            {
                // Every third one wants a port that another may have: it gets it or a refusal, and leaves nothing either way.
                var ports = await network.PublishAsync(endpoint, [BridgeFixture.Request(":80"), BridgeFixture.Request(i % 3 == 0 ? "8080:81" : ":81/udp")], token);
                await network.WithdrawAsync(endpoint, ports);
            }
            catch (GantryException taken) when (taken.Kind == ErrorKind.Conflict)
            {
                Assert.Contains("8080", taken.Message, StringComparison.Ordinal);
            }

            await network.DetachAsync(endpoint);
        });

        Assert.DoesNotContain("10.213.77.", string.Join('\n', (await HostNamespace.Run(world.Host, "nft", "list", "ruleset")).Split('\n').Where(line => line.Contains("elements", StringComparison.Ordinal))), StringComparison.Ordinal);
        await network.SettleAsync();
        Assert.InRange(Sockets(), 0, descriptors + 2);
        await network.DisposeAsync();
        Assert.Equal(before, await HostNamespace.LinksAsync(world.Host));
        Assert.Equal("", await HostNamespace.Run(world.Host, "nft", "list", "ruleset"));
    }

    [Fact]
    public async Task Ending_late_does_no_harm()
    {
        using var world = await HostNamespace.CreateAsync();
        var network = await BridgeNetwork.OpenAsync(Options(world));
        var endpoint = await network.AttachAsync(new() { ContainerId = "c" });
        var ports = await network.PublishAsync(endpoint, [BridgeFixture.Request("8080:80")]);
        await network.DisposeAsync();
        await network.WithdrawAsync(endpoint, ports);
        await network.DetachAsync(endpoint);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => network.AttachAsync(new() { ContainerId = "d" }));
        await (await BridgeNetwork.OpenAsync(Options(world))).RemoveAsync();
        Assert.DoesNotContain("gantry", await HostNamespace.LinksAsync(world.Host), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_instances_live_side_by_side()
    {
        using var world = await HostNamespace.CreateAsync();
        var one = await BridgeNetwork.OpenAsync(Options(world));
        var two = await BridgeNetwork.OpenAsync(BridgeOptions.ForInstance("another") with { BridgeAddress = "10.213.78.1/24", HostNamespace = world.Host, WarmEndpoints = 0 });
        using var a = await one.AttachAsync(new() { ContainerId = "a" });
        using var b = await two.AttachAsync(new() { ContainerId = "b" });
        using var server = await HostNamespace.ServeAsync(b.NetnsFd!, 80, "hello");
        using var ports = await two.PublishAsync(b, [BridgeFixture.Request("8080:80")]);

        Assert.NotNull(await HostNamespace.AskAsync(a.NetnsFd!, "10.99.0.1", 8080));
        Assert.Null(await HostNamespace.AskAsync(a.NetnsFd!, "10.213.78.2", 80, TimeSpan.FromMilliseconds(600)));
        await one.RemoveAsync();
        Assert.NotNull(await HostNamespace.AskAsync(world.Host, "127.0.0.1", 8080));
        await two.RemoveAsync();
        Assert.Equal("", await HostNamespace.Run(world.Host, "nft", "list", "ruleset"));
    }

    private static int Sockets() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(fd => new FileInfo(fd).LinkTarget is { } target && (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("net:", StringComparison.Ordinal)));

    private static BridgeOptions Options(HostNamespace world, int warm = 0) =>
        BridgeOptions.ForInstance("network-tests") with { BridgeAddress = "10.213.77.1/24", HostNamespace = world.Host, WarmEndpoints = warm };
}
