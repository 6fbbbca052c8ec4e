using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Init;
using static Gantry.Kernel.Sys.MountFlags;

namespace Gantry.Runtime.Rootfs;

/// <summary>
/// Opens the sources of bind mounts on the host, as detached trees with their attributes set. In the parent, because it has the
/// rights (a child in a user namespace may not even reach the path) and can say what is wrong with which path.
/// </summary>
internal static class BindOpener
{
    /// <summary>Whether a mount is a bind mount.</summary>
    public static bool IsBind(RuntimeMount mount, MountOptions options) => !options.Remount && (options.Bind || mount.Type == "bind");

    /// <summary>Opens one.</summary>
    /// <param name="mount">A bind mount, or sysfs that has to be the host's.</param>
    /// <param name="bundle">Where relative sources start.</param>
    /// <param name="keepShared">The config shares the root's propagation: the mount stays in its peer group.</param>
    /// <param name="mappings">The container's own id mappings, for the option <c>idmap</c>.</param>
    /// <exception cref="GantryException">The source is missing, or an option cannot be had.</exception>
    public static Fd Open(RuntimeMount mount, string bundle, bool keepShared, LinuxConfig? mappings)
    {
        var options = MountOptions.Parse(mount.Options);
        var source = string.IsNullOrEmpty(mount.Source) ? throw GantryException.Of(ErrorKind.Invalid, $"bind mount at {mount.Destination} has no source") : Path.Combine(bundle, mount.Source);
        if (options.Data.Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, $"bind mounts cannot have any filesystem-specific options applied: \"{string.Join(',', options.Data)}\" at {mount.Destination}");
        Fd? tree = null;
        int result;
        if (options.Subdirectory is null)
        {
            result = Mounts.TryCloneTree(null, source, options.BindRecursive, out tree);
        }
        else if ((result = Files.TryOpenAt(null, source, OpenFlags.O_PATH, 0, out var whole)) == 0)
        {
            using (whole)
                tree = Subdirectory.Clone(whole!, mount, options);
        }

        if (result < 0)
        {
            var hint = result == -Errno.ENOENT ? ": the bind source does not exist on the host: create it, or correct the path" : "";
            throw GantryException.Of(
                result == -Errno.ENOENT ? ErrorKind.NotFound : ErrorKind.Invalid,
                $"mount {source} at {mount.Destination}: {Errno.Text(-result)}{hint}",
                new LaunchFailure(LaunchStage.Rootfs, -result));
        }

        try
        {
            Apply(tree!, mount, options, keepShared, mappings);
            return tree!;
        }
        catch
        {
            tree!.Dispose();
            throw;
        }
    }

    private static void Apply(Fd tree, RuntimeMount mount, MountOptions options, bool keepShared, LinuxConfig? mappings)
    {
        // First out of the host's peer groups, with all that is below: what the container mounts stays in the container.
        // NOTE: before it becomes shared too: it then shares with others inside, and hears of the host's mounts, which hears of none of its.
        if (!keepShared && !(options.PropagationRecursive && options.Propagation is not (0 or MS_SHARED))) Check(Mounts.TrySetAttributes(tree, 0, 0, MS_SLAVE, recursive: true), mount);
        var uids = mount.UidMappings ?? (options.Map ? mappings?.UidMappings : null);
        var gids = mount.GidMappings ?? (options.Map ? mappings?.GidMappings : null);
        if (uids is { Count: > 0 } || gids is { Count: > 0 })
        {
            if (uids is not { Count: > 0 } || gids is not { Count: > 0 })
                throw GantryException.Of(ErrorKind.Invalid, $"mount at {mount.Destination}: an id-mapped mount needs both uidMappings and gidMappings");
            using var userNamespace = Namespaces.UserNamespaces.Create(uids, gids);
            Check(Mounts.TrySetAttributes(tree, MOUNT_ATTR_IDMAP, 0, 0, options.MapRecursive, userNamespace), mount);
        }
        else if (options.Map)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"mount at {mount.Destination} has the option idmap, but neither it nor the container has id mappings");
        }

        if (options.Set != 0 || options.ClearMask != 0)
        {
            var result = Mounts.TrySetAttributes(tree, options.Set, options.ClearMask, 0, recursive: false);
            // A mount inherited from a more privileged namespace keeps its restrictions: then only add.
            if (result == -Errno.EPERM) result = Mounts.TrySetAttributes(tree, options.Set, (options.Set & MOUNT_ATTR__ATIME) != 0 ? MOUNT_ATTR__ATIME : 0, 0, recursive: false);
            Check(result, mount);
        }

        if (options.RecursiveSet != 0 || options.RecursiveClear != 0)
        {
            var atime = ((options.RecursiveSet | options.RecursiveClear) & MOUNT_ATTR__ATIME) != 0 ? MOUNT_ATTR__ATIME : 0;
            Check(Mounts.TrySetAttributes(tree, options.RecursiveSet, options.RecursiveClear | atime, 0, recursive: true), mount);
        }

        if (options.Propagation != 0) Check(Mounts.TrySetAttributes(tree, 0, 0, options.Propagation, options.PropagationRecursive), mount);
    }

    private static void Check(int result, RuntimeMount mount)
    {
        if (result < 0) throw LaunchErrors.Of(LaunchStage.Rootfs, $"mount {mount.Source} at {mount.Destination} with options {string.Join(',', mount.Options ?? [])}", new SyscallException("mount_setattr", -result));
    }
}
