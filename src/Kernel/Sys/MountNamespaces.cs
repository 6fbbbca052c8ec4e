using System.Runtime.InteropServices;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using static Gantry.Kernel.Sys.MountFlags;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Kernel.Sys;

/// <summary>
/// File trees of other mount namespaces, by a descriptor of their root. The caller's own mount table never changes, and
/// nothing of the tree is run. Sources: mount_namespaces(7), open_tree(2).
/// </summary>
public static partial class MountNamespaces
{
    /// <summary>The root directory of a process's mount namespace: not what the process made its root by chroot(2) since.</summary>
    /// <param name="pidFd">The process.</param>
    /// <returns>Opened with O_PATH. It keeps the file systems alive, not the mounts: those below it go with the namespace.</returns>
    /// <exception cref="SyscallException">ESRCH: the process has ended.</exception>
    public static Fd OpenRoot(Fd pidFd) => OwnThread.Run("mount namespace", () =>
    {
        Namespaces.Unshare(Namespaces.CLONE_FS);
        Namespaces.Enter(pidFd, Namespaces.CLONE_NEWNS);
        return Files.Open("/", O_PATH | O_DIRECTORY);
    });

    /// <summary>The file system that a process's mount namespace has for its root, without the mounts below it.</summary>
    /// <returns>A mount of its own, attached nowhere, gone when it is closed.</returns>
    /// <exception cref="SyscallException">ESRCH: the process has ended.</exception>
    public static Fd CloneRoot(Fd pidFd) => OwnThread.Run("mount namespace", () =>
    {
        Namespaces.Unshare(Namespaces.CLONE_FS);
        Namespaces.Enter(pidFd, Namespaces.CLONE_NEWNS);
        Check(Mounts.TryCloneTree(null, "/", recursive: false, out var root), "open_tree", "/");
        return root!;
    });

    /// <summary>Mounts a file system with others below it, attached nowhere: reachable by the descriptor alone, gone when that is closed.</summary>
    /// <param name="type">The root's file system, as in <c>overlay</c>.</param>
    /// <param name="source">Its source, or a label.</param>
    /// <param name="options">Its options, as mount(2) takes them.</param>
    /// <param name="workingDirectory">Where relative paths in the options start.</param>
    /// <param name="readOnly">Whether the root's file system cannot be written.</param>
    /// <param name="binds">What is mounted below it, in order; mount points that are missing are made.</param>
    /// <exception cref="SyscallException">The kernel refused.</exception>
    /// <remarks>
    /// By mount(2) in a namespace made for it, and not by fsconfig(2), which takes no option longer than 255 bytes: an
    /// overlay of many layers has one. The tree is cloned out of the namespace before that ends.
    /// </remarks>
    public static Fd Assemble(string type, string source, string options, string workingDirectory, bool readOnly, IReadOnlyList<DetachedBind> binds) => OwnThread.Run("detached mount", () =>
    {
        Namespaces.Unshare(Namespaces.CLONE_FS | Namespaces.CLONE_NEWNS);
        Mounts.Mount(null, "/", null, MS_REC | MS_PRIVATE);
        if (NativeChdir(workingDirectory) < 0)
            throw new SyscallException("chdir", Marshal.GetLastPInvokeError(), workingDirectory);
        Mounts.Mount(source, workingDirectory, type, MS_NODEV | MS_NOSUID | (readOnly ? MS_RDONLY : 0), options);
        using var root = Files.Open(workingDirectory, O_PATH | O_DIRECTORY);
        foreach (var bind in binds)
            Bind(root, bind);
        var result = Mounts.TryCloneTree(root, "", recursive: true, out var tree);
        return result < 0 ? throw new SyscallException("open_tree", -result, workingDirectory) : tree!;
    });

    private static void Bind(Fd root, DetachedBind bind)
    {
        // Opened here: a mount can be cloned only in the namespace that it belongs to.
        using var whole = Files.Open(bind.Source, O_PATH);
        using var part = bind.Subpath is null ? null : SafePath.OpenInRoot(whole, bind.Subpath, O_PATH);
        var source = part ?? whole;
        using var target = Files.Status(source).IsDirectory ? SafePath.EnsureDirectory(root, bind.Destination) : SafePath.EnsureFile(root, bind.Destination);
        Check(Mounts.TryCloneTree(source, "", bind.Recursive, out var mount), "open_tree", bind.Destination);
        using (mount)
        {
            Check(Mounts.TrySetAttributes(mount!, bind.ReadOnly ? MOUNT_ATTR_RDONLY : 0, 0, MS_PRIVATE, recursive: true), "mount_setattr", bind.Destination);
            Check(Mounts.TryMove(mount!, target), "move_mount", bind.Destination);
        }
    }

    private static void Check(int result, string call, string subject)
    {
        if (result < 0)
            throw new SyscallException(call, -result, subject);
    }

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeChdir(string path);
}
