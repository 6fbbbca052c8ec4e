using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Gantry.Runtime.Init;
using Gantry.Runtime.Namespaces;
using NS = Gantry.Kernel.Sys.Namespaces;

namespace Gantry.Runtime.Rootfs;

/// <summary>
/// Mounts the root filesystem of a container with a new user namespace, attached nowhere. By the parent: overlay's own
/// attributes need the rights of the host's root.
/// </summary>
internal static class RootfsAssembly
{
    /// <summary>Mounts it, in a mount namespace of a thread's own: the host's mount table stays as it is.</summary>
    /// <param name="path">The directory it is mounted at there.</param>
    /// <param name="mounts">What it is made of.</param>
    /// <param name="mappings">The container's id mappings.</param>
    /// <exception cref="GantryException">A mount failed; NotSupported: this file system or kernel knows no id-mapped mounts.</exception>
    public static Fd Open(string path, IReadOnlyList<RootfsMount> mounts, LinuxConfig? mappings)
    {
        Fd? tree = null;
        LaunchThread.Run(() =>
        {
            NS.Unshare(NS.CLONE_NEWNS);
            Mounts.Mount(null, "/", null, MountFlags.MS_SLAVE | MountFlags.MS_REC);
            foreach (var mount in mounts) Add(path, mount, mappings);
            var result = Mounts.TryCloneTree(null, path, recursive: true, out tree);
            if (result < 0) throw LaunchErrors.Of(LaunchStage.Rootfs, $"open the root filesystem {path}", new SyscallException("open_tree", -result));
        });
        return tree!;
    }

    private static void Add(string path, RootfsMount mount, LinuxConfig? mappings)
    {
        var directory = mount.WorkingDirectory;
        if (mount.MappedRoot is { } root)
        {
            Map(path, root, mappings);
            if (directory is not null) directory = Path.Combine(path, Path.GetRelativePath(root, directory));
        }

        var options = MountOptions.Parse(mount.Options);
        var bind = mount.Type == "bind";
        if (directory is not null) Processes.ChangeDirectory(directory);
        Mounts.Mount(
            mount.Source,
            path,
            bind ? null : mount.Type,
            bind ? MountFlags.MS_BIND | MountFlags.MS_REC : options.ToMountFlags(),
            bind ? null : string.Join(',', options.SuperblockFlags.Concat(options.Data)));
    }

    // One id-mapped mount of the directory that holds the lower, the upper and the work directory, at the place that the
    // root filesystem then covers: overlayfs takes each from the mount it is reached by, and wants the last two on one.
    private static void Map(string path, string root, LinuxConfig? mappings)
    {
        if (mappings is not { UidMappings: { Count: > 0 } uids, GidMappings: { Count: > 0 } gids })
            throw GantryException.Of(ErrorKind.Invalid, $"{root} cannot be mounted with mapped ids: the container has no uidMappings and gidMappings");
        Require("open_tree", root, Mounts.TryCloneTree(null, root, recursive: false, out var mapped));
        using (mapped)
        {
            using (var userNamespace = UserNamespaces.Create(uids, gids))
            {
                var result = Mounts.TrySetAttributes(mapped!, MountFlags.MOUNT_ATTR_IDMAP, 0, MountFlags.MS_PRIVATE, recursive: false, userNamespace);
                if (result is -Kernel.Abi.Errno.EINVAL or -Kernel.Abi.Errno.ENOSYS)
                    throw GantryException.Of(ErrorKind.NotSupported, $"{root} cannot be mounted with mapped ids: its file system or the kernel knows no id-mapped mounts (ext4, xfs and btrfs with Linux 5.19 do): give the container the host's user namespace", new LaunchFailure(LaunchStage.Rootfs, -result));
                Require("mount_setattr", root, result);
            }

            using var place = Files.Open(path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
            Require("move_mount", path, Mounts.TryMove(mapped!, place));
        }

        // Overlayfs works as whoever mounts it, and the host's root is nobody on that mount.
        FileIdentity.Take(UserNamespaces.ToHost(uids, 0) ?? 0, UserNamespaces.ToHost(gids, 0) ?? 0);
    }

    private static void Require(string call, string subject, int result)
    {
        if (result < 0) throw LaunchErrors.Of(LaunchStage.Rootfs, $"mount {subject} with mapped ids", new SyscallException(call, -result, subject));
    }
}
