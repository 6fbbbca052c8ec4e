using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Netlink;

/// <summary>A veth pair to make: one end a port of a bridge in this namespace, the other born in another namespace.</summary>
public sealed record VethPair
{
    /// <summary>Name of the end in this namespace.</summary>
    public required string Name { get; init; }

    /// <summary>The bridge it becomes a port of.</summary>
    public required int BridgeIndex { get; init; }

    /// <summary>Name of the end in the other namespace.</summary>
    public required string PeerName { get; init; }

    /// <summary>The other namespace. Stays the caller's.</summary>
    public required Fd PeerNamespace { get; init; }

    /// <summary>Hardware address of the peer, six bytes.</summary>
    public required byte[] PeerMac { get; init; }

    /// <summary>Largest packet on both ends, bytes.</summary>
    public required int Mtu { get; init; }

    /// <summary>Whether frames may not pass to other isolated ports of the bridge.</summary>
    public bool IsIsolated { get; init; }
}
