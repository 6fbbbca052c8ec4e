using System.Net;
using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>
/// The default bridge of one engine instance: its interface, addresses, namespaces of containers, rules and published ports.
/// Life: Open, Reconcile once with what still runs, then Attach, Publish, Withdraw, Detach; Dispose leaves running
/// containers connected, Remove takes everything away.
/// </summary>
public sealed class BridgeNetwork : IAsyncDisposable
{
    private BridgeNetwork(BridgeOptions options) => Options = options;

    public BridgeOptions Options { get; }

    /// <summary>What an operator should know: forwarding turned on, another firewall that drops our packets. Sentences.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>The bridge's own address, which is the containers' gateway.</summary>
    public IPAddress Gateway { get; private set; } = IPAddress.Any;

    /// <summary>The subnet, as in <c>172.17.0.0/16</c>.</summary>
    public string Subnet { get; private set; } = "";

    public int PrefixLength { get; private set; }

    /// <summary>Makes or adopts bridge, rules and settings.</summary>
    /// <exception cref="GantryException">Invalid options; Exhausted: no free subnet; Conflict; NotSupported: libnftables is missing.</exception>
    public static Task<BridgeNetwork> OpenAsync(BridgeOptions options, CancellationToken cancellationToken = default) => Task.FromResult(new BridgeNetwork(options));

    /// <summary>Adopts the endpoints of containers that still run and frees every other one of this instance.</summary>
    /// <returns>One for each live endpoint, in the same order.</returns>
    public Task<IReadOnlyList<AdoptedEndpoint>> ReconcileAsync(IReadOnlyCollection<LiveEndpoint> live, CancellationToken cancellationToken = default) => throw Unfinished();

    /// <summary>Connects a container: namespace, veth pair, address, route.</summary>
    /// <returns>The endpoint; dispose it after <see cref="DetachAsync"/>.</returns>
    /// <exception cref="GantryException">Exhausted: no free address; Conflict: the address asked for is in use; Invalid.</exception>
    public Task<NetworkEndpoint> AttachAsync(EndpointSpec spec, CancellationToken cancellationToken = default) => throw Unfinished();

    /// <summary>Frees the address and closes the namespace. The interface goes with the namespace's last user. Idempotent.</summary>
    public Task DetachAsync(NetworkEndpoint endpoint) => throw Unfinished();

    /// <summary>Reserves host ports by bound sockets and forwards them to the container. All or none. Call it before the monitor's create, which takes the sockets.</summary>
    /// <exception cref="GantryException">Conflict: a port is taken; the sentence names the port and its holder. Exhausted: a range is used up.</exception>
    public Task<PublishedPorts> PublishAsync(NetworkEndpoint endpoint, IReadOnlyList<PortRequest> requests, CancellationToken cancellationToken = default) => throw Unfinished();

    /// <summary>Takes the ports' rules away and closes our sockets. Idempotent.</summary>
    public Task WithdrawAsync(NetworkEndpoint endpoint, PublishedPorts ports) => throw Unfinished();

    /// <summary>A namespace with nothing but a loopback interface, for <c>--network none</c>. The caller disposes it.</summary>
    public Task<Fd> TakeLoopbackNamespaceAsync(CancellationToken cancellationToken = default) => throw Unfinished();

    /// <summary>Removes everything of this instance from the kernel: rules, interfaces, bridge.</summary>
    public Task RemoveAsync() => throw Unfinished();

    /// <summary>Frees what no container uses (the warm endpoints) and leaves the rest running.</summary>
    public ValueTask DisposeAsync() => throw Unfinished();

    private GantryException Unfinished() => GantryException.Of(ErrorKind.NotSupported, $"{Options.BridgeName}: networking is being built");
}
