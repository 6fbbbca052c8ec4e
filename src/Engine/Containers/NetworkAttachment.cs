using Gantry.Kernel.Fds;
using Gantry.Network.Bridge;

namespace Gantry.Engine.Containers;

/// <summary>What a starting container got of the network.</summary>
internal sealed record NetworkAttachment
{
    public required NetworkKind Kind { get; init; }

    /// <summary>Its place on the bridge; null with any other kind.</summary>
    public NetworkEndpoint? Endpoint { get; init; }

    /// <summary>The namespace that the monitor is to hold; null: none of its own.</summary>
    public Fd? HeldNamespace { get; init; }

    /// <summary>Where the runtime finds the namespace to join; null: the host's.</summary>
    public string? NamespacePath { get; init; }

    /// <summary>
    /// The namespace is made with the container's user namespace, so that its root has rights over it, and is connected
    /// afterwards.
    /// </summary>
    public bool Later { get; init; }

    /// <summary>The container whose network is shared.</summary>
    public Container? Donor { get; init; }
}
