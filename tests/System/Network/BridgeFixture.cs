using Gantry.Kernel.Fds;
using Gantry.Network.Bridge;
using Gantry.Network.Ports;

namespace Gantry.Tests.System.Network;

/// <summary>A bridge in a host of its own.</summary>
internal sealed class BridgeFixture : IAsyncDisposable
{
    private BridgeFixture(HostNamespace world, BridgeOptions options, BridgeNetwork network) => (World, Options, Network) = (world, options, network);

    public HostNamespace World { get; }

    public BridgeOptions Options { get; }

    public BridgeNetwork Network { get; }

    public Fd Host => World.Host;

    public Fd Machine => World.Machine;

    public static async Task<BridgeFixture> CreateAsync(Func<BridgeOptions, BridgeOptions>? change = null, bool hasIPv6 = false)
    {
        var world = await HostNamespace.CreateAsync();
        if (hasIPv6)
            await world.AddIPv6Async();
        var options = BridgeOptions.ForInstance("network-tests") with { BridgeAddress = "10.213.77.1/24", HostNamespace = world.Host, WarmEndpoints = 0 };
        options = change?.Invoke(options) ?? options;
        return new(world, options, await BridgeNetwork.OpenAsync(options));
    }

    public Task<NetworkEndpoint> AttachAsync(string name = "c") => Network.AttachAsync(new() { ContainerId = name.PadRight(64, '0') });

    public Task<PublishedPorts> PublishAsync(NetworkEndpoint endpoint, params string[] ports) =>
        Network.PublishAsync(endpoint, [.. ports.Select(Request)]);

    /// <summary>Reads <c>[address:]host:container[/udp]</c>.</summary>
    public static PortRequest Request(string text)
    {
        var parts = text.Split(':');
        return PortRequest.From(parts[^1], new() { HostIp = parts.Length > 2 ? parts[0] : "", HostPort = parts[^2] });
    }

    public async Task<string> LinksAsync() => await HostNamespace.LinksAsync(Host);

    public async Task<string> RulesAsync() => await HostNamespace.Run(Host, "nft", "list", "ruleset");

    public async ValueTask DisposeAsync()
    {
        await Network.RemoveAsync();
        World.Dispose();
    }
}
