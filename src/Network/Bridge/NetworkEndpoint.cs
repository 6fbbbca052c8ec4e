using System.Net;
using Gantry.Kernel.Fds;
using Gantry.Network.Namespaces;

namespace Gantry.Network.Bridge;

/// <summary>
/// A container's place on the bridge: its network namespace with address and route set. The namespace lives as long as
/// a process is in it or a descriptor of it is open; <see cref="BridgeNetwork.DetachAsync"/> lets go of ours.
/// </summary>
public sealed class NetworkEndpoint(EndpointRecord record, Fd? netns) : IDisposable
{
    /// <summary>What to keep for <see cref="BridgeNetwork.ReconcileAsync"/>.</summary>
    public EndpointRecord Record { get; } = record;

    public string EndpointId => Record.EndpointId;

    public string ContainerId => Record.ContainerId;

    public IPAddress Address { get; } = IPAddress.Parse(record.Address);

    public int PrefixLength => Record.PrefixLength;

    public IPAddress Gateway { get; } = IPAddress.Parse(record.Gateway);

    public string MacAddress => Record.MacAddress;

    /// <summary>The interface inside the namespace: <c>eth0</c>.</summary>
    public string InterfaceName { get; } = "eth0";

    /// <summary>The namespace; null before it is connected, and for an adopted endpoint whose container's process is gone. Owned by this object.</summary>
    public Fd? NetnsFd { get; private set; } = netns;

    /// <summary>A path by which another process of the same user can join the namespace while this object lives.</summary>
    /// <exception cref="InvalidOperationException">There is no namespace any more.</exception>
    public string NetnsPath => NetworkNamespaces.PathOf(NetnsFd ?? throw new InvalidOperationException("The endpoint's namespace is gone."));

    /// <summary>Takes the namespace over.</summary>
    internal void Join(Fd connected) => NetnsFd = connected;

    /// <summary>Closes our descriptor of the namespace, nothing else.</summary>
    public void Dispose() => NetnsFd?.Dispose();
}
