using Gantry.Kernel.Sys;
using Gantry.Model.Oci;

namespace Gantry.Archive;

/// <summary>
/// Whose the files of a tree are for the container that they belong to: its ids are numbered otherwise on the host, and not
/// in all of its mounts alike.
/// </summary>
/// <param name="map">Of mounts that are not named.</param>
/// <param name="mounts">Of some mounts, by their number (statx, STATX_MNT_ID).</param>
public sealed class OwnerView(IdMap map, IReadOnlyDictionary<ulong, IdMap>? mounts = null)
{
    /// <summary>Everybody has the host's number.</summary>
    public static OwnerView Plain { get; } = new(IdMap.Identity);

    /// <summary>Whether nothing is numbered otherwise.</summary>
    public bool IsPlain { get; } = map.IsIdentity && mounts is not { Count: > 0 };

    /// <summary>The numbers that hold for a file.</summary>
    public IdMap Of(in InodeStatus status) => mounts is not null && mounts.TryGetValue(status.Mount, out var own) ? own : map;
}
