using Gantry.Archive;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>
/// The layer between an image and a container's own: mount points and empty files that the engine mounts over, so that the
/// container's layer does not show them as changes.
/// </summary>
/// <remarks>Source: moby daemon/initlayer/setup_unix.go. Made once for each stack of layers, not for each container.</remarks>
internal static class InitLayer
{
    private static readonly string[] s_directories = ["dev", "dev/pts", "dev/shm", "etc", "proc", "sys"];
    private static readonly string[] s_files = [".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf"];

    /// <summary>Fills an empty directory. Directories that the image has keep their mode and owner.</summary>
    public static void Write(string path, LowerChain lower)
    {
        const uint Rwxr_xr_x = 0x1ED;
        using var root = LayerStore.OpenDirectory(path);
        // Deepest last to make, first to finish: making a file changes its directory's times.
        foreach (var directory in s_directories)
        {
            Require(Inodes.MakeDirectory(root, RawPath.Bytes(directory), Rwxr_xr_x), directory);
            Require(Inodes.ChangeMode(root, RawPath.Bytes(directory), Rwxr_xr_x), directory);
        }

        foreach (var file in s_files)
        {
            Require(Inodes.Open(root, RawPath.Bytes(file), Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive, Rwxr_xr_x, out var made), file);
            using (made)
                Require(Inodes.ChangeMode(made, Rwxr_xr_x), file);
        }

        Require(Inodes.MakeSymlink("/proc/mounts\0"u8, root, "etc/mtab\0"u8), "etc/mtab");
        foreach (var directory in s_directories.Reverse())
        {
            if (lower.Find(directory) is { Status.IsDirectory: true } below)
                below.CopyMetadataTo(root, RawPath.Bytes(directory));
        }
    }

    private static void Require(int result, string name)
    {
        if (result < 0)
            throw new SyscallException("init layer", -result, name);
    }
}
