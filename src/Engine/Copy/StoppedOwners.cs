using Gantry.Archive;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Planning;
using Gantry.Engine.Remap;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;

namespace Gantry.Engine.Copy;

/// <summary>
/// Whose the files of a container are that does not run: its layers have the ids that it sees, and what is bound into it has
/// the host's, of a container with a user namespace.
/// </summary>
internal static class StoppedOwners
{
    /// <summary>Finds the mounts of an assembled root.</summary>
    public static OwnerView Find(EngineParts parts, ContainerRecord record, Fd root)
    {
        if (RemapRules.Of(record.HostConfig, parts.Facts) is not { } remap)
            return OwnerView.Plain;
        var mounts = new Dictionary<ulong, IdMap>();
        Inodes.Status(root, Inodes.Empty, out var own);
        foreach (var (place, ids) in Places(parts, record, remap))
        {
            if (SafePath.TryOpenInRoot(root, place, OpenFlags.O_PATH, 0, out var there) < 0)
                continue;
            using (there)
            {
                // Not there in a root without its binds, and then of the root's own mount.
                if (Inodes.Status(there, Inodes.Empty, out var status) == 0 && status.Mount != own.Mount && !ids.IsIdentity)
                    mounts[status.Mount] = ids;
            }
        }

        return new(IdMap.Identity, mounts);
    }

    private static IEnumerable<(string Place, IdMap Ids)> Places(EngineParts parts, ContainerRecord record, IdMap remap)
    {
        foreach (var mount in record.Mounts.Where(static mount => mount.Kind is PlanMountKind.Bind or PlanMountKind.Volume))
            yield return (mount.Destination, mount.VolumeName is { } name && parts.Volumes.Find(name) is { } volume ? volume.Ids : remap);
        foreach (var file in (string[])["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"])
            yield return (file, remap);
    }
}
