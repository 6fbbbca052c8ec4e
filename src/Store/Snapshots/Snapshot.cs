using Gantry.Model.Mounts;

namespace Gantry.Store;

/// <summary>A container's root filesystem: an image's layers below a writable one of its own.</summary>
public sealed record Snapshot
{
    /// <summary>Whose it is: a container's id.</summary>
    public required string Key { get; init; }

    /// <summary>The mounts that make the root, in order.</summary>
    public required IReadOnlyList<RootfsMount> RootfsMounts { get; init; }

    /// <summary>The writable layer's directory: what the container changed, as overlayfs keeps it.</summary>
    public required string UpperPath { get; init; }
}
