using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Runtime.Rootfs;

/// <summary>The mount option <c>tmpcopyup</c>: what the image has below a mount point is copied into the tmpfs that will cover it.</summary>
internal static class TmpfsCopy
{
    private const int DeepestLevel = 128;

    /// <summary>Copies.</summary>
    /// <param name="root">The container's root.</param>
    /// <param name="path">The mount point inside it.</param>
    /// <param name="child">Whose descriptor table has the tmpfs.</param>
    /// <param name="descriptor">The tmpfs, not yet attached.</param>
    /// <exception cref="SyscallException">Something could not be copied: no space in the tmpfs, most likely.</exception>
    public static void Run(Fd root, string path, Fd child, int descriptor)
    {
        var result = Processes.TryGetFd(child, descriptor, out var mount);
        if (result < 0) throw new SyscallException("pidfd_getfd", -result, path);
        using (mount)
        {
            using var source = SafePath.OpenInRoot(root, path, O_RDONLY | O_DIRECTORY);
            using var target = Files.OpenAt(mount, ".", O_RDONLY | O_DIRECTORY);
            Directory(source, target, 0);
            Owner(source, target);
        }
    }

    private static void Directory(Fd source, Fd target, int level)
    {
        if (level > DeepestLevel) throw new SyscallException("openat", Kernel.Abi.Errno.ELOOP, "directories nested too deep");
        var names = new List<byte[]>();
        var result = Inodes.List(source, names);
        if (result < 0) throw new SyscallException("getdents64", -result);
        foreach (var name in names) Entry(source, target, System.Text.Encoding.UTF8.GetString(name.AsSpan(0, name.Length - 1)), level);
    }

    private static void Entry(Fd source, Fd target, string name, int level)
    {
        // NOTE: by descriptor and without following links: the image may not lead the copy out of itself.
        if (Files.TryStatus(source, name, AT_SYMLINK_NOFOLLOW, out var status) < 0) return;
        if (status.IsDirectory)
        {
            using var from = Files.OpenAt(source, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
            Check(Files.TryMkdirAt(target, name, 0x1C0), "mkdirat", name);
            using var to = Files.OpenAt(target, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
            Directory(from, to, level + 1);
            Owner(from, to);
        }
        else if (status.IsSymlink)
        {
            if (Files.FindLink(source, name) is { } link) Check(Files.TrySymlinkAt(link, target, name), "symlinkat", name);
            Check(Files.TryChownAt(target, name, status.Uid, status.Gid), "fchownat", name);
        }
        else if (status.IsRegular)
        {
            using var from = Files.OpenAt(source, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
            using var to = Files.OpenAt(target, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0x180);
            var buffer = new byte[1 << 16];
            for (var count = Files.Read(from, buffer); count > 0; count = Files.Read(from, buffer)) Files.WriteAll(to, buffer.AsSpan(0, count));
            Owner(from, to);
        }
    }

    private static void Owner(Fd source, Fd target)
    {
        var status = Files.Status(source);
        Check(Inodes.ChangeOwner(target, status.Uid, status.Gid), "fchown", "");
        Check(Files.TryChmod(target, status.Mode & 0xFFF), "fchmod", "");
    }

    private static void Check(int result, string call, string name)
    {
        if (result < 0) throw new SyscallException(call, -result, name);
    }
}
