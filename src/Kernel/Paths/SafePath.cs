using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Kernel.Paths;

/// <summary>
/// Paths inside a root that somebody hostile may have prepared: a container's root filesystem, an image's layer, a volume.
/// Everything is resolved by the kernel with <c>openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)</c>: absolute links and
/// <c>..</c> stay inside the root, and links of procfs that would leave it are refused with ELOOP.
/// </summary>
/// <remarks>Source: openat2(2). The attack it answers: CVE-2021-30465 (a mount target exchanged for a symbolic link).</remarks>
public static class SafePath
{
    /// <summary>As many links as the kernel follows in one path (MAXSYMLINKS).</summary>
    private const int MaxLinks = 40;

    private const ulong Resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

    /// <summary>Opens a path below <paramref name="root"/>.</summary>
    /// <exception cref="SyscallException">The kernel refused.</exception>
    public static Fd OpenInRoot(Fd root, string path, int flags, uint mode = 0)
    {
        var result = TryOpenInRoot(root, path, flags, mode, out var fd);
        return result < 0 ? throw new SyscallException("openat2", -result, path) : fd!;
    }

    /// <summary>Opens a path below <paramref name="root"/>; 0, or a negative errno.</summary>
    public static int TryOpenInRoot(Fd root, string path, int flags, uint mode, out Fd? fd) =>
        Files.TryOpenAt2(root, path.Length == 0 ? "/" : path, flags, mode, Resolve, out fd);

    /// <summary>What statx says of a path below <paramref name="root"/>; null when it is not there.</summary>
    /// <param name="follow">Whether a last symbolic link is followed.</param>
    public static FileStatus? FindStatus(Fd root, string path, bool follow = true)
    {
        if (TryOpenInRoot(root, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0, out var fd) < 0) return null;
        using (fd) return Files.Status(fd!);
    }

    /// <summary>Reads a file below <paramref name="root"/>; null when it is not there or not a regular file.</summary>
    public static byte[]? FindContent(Fd root, string path, int limitBytes = 1 << 20)
    {
        // O_NONBLOCK: a FIFO planted under the name must not make us wait.
        if (TryOpenInRoot(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, out var fd) < 0) return null;
        using (fd) return Files.Status(fd!).IsRegular ? Files.ReadToEnd(fd!, limitBytes) : null;
    }

    /// <summary>The text of a symbolic link below <paramref name="root"/>; null when the path is none.</summary>
    public static string? FindLink(Fd root, string path)
    {
        if (TryOpenInRoot(root, path, O_PATH | O_NOFOLLOW, 0, out var fd) < 0) return null;
        using (fd) return Files.FindLink(fd!, "");
    }

    /// <summary>
    /// Opens a directory below <paramref name="root"/> with O_PATH, making what is missing. A dangling symbolic link is
    /// followed inside the root, and its target made.
    /// </summary>
    /// <param name="mode">Permissions of the directories made, before the umask.</param>
    /// <param name="owner">Owner of the directories made; null: the caller.</param>
    /// <exception cref="SyscallException">ENOTDIR: something else is in the way; ELOOP: too many links.</exception>
    public static Fd EnsureDirectory(Fd root, string path, uint mode = 0x1ED, (uint Uid, uint Gid)? owner = null) =>
        Ensure(root, path, directory: true, mode, owner);

    /// <summary>Opens a file below <paramref name="root"/> with O_PATH, making it (empty) and the directories above it when they are missing.</summary>
    /// <exception cref="SyscallException">ENOTDIR: something else is in the way; ELOOP: too many links.</exception>
    public static Fd EnsureFile(Fd root, string path, uint mode = 0x1A4, (uint Uid, uint Gid)? owner = null) =>
        Ensure(root, path, directory: false, mode, owner);

    /// <summary>Where a path leads below <paramref name="root"/> when every symbolic link is followed; what is not there is taken as it is written.</summary>
    /// <returns>Absolute, without links, <c>.</c> and <c>..</c>: true at this moment, so good for showing only.</returns>
    /// <exception cref="SyscallException">ELOOP: too many links.</exception>
    public static string Follow(Fd root, string path)
    {
        var todo = new Stack<string>();
        Push(todo, path);
        var done = new List<string>();
        var links = 0;
        while (todo.TryPop(out var name))
        {
            if (name == "..")
            {
                if (done.Count > 0) done.RemoveAt(done.Count - 1);
                continue;
            }

            if (FindLink(root, "/" + string.Join('/', done.Append(name))) is not { } target)
            {
                done.Add(name);
                continue;
            }

            if (++links > MaxLinks) throw new SyscallException("openat2", Errno.ELOOP, path);
            if (target.StartsWith('/')) done.Clear();
            Push(todo, target);
        }

        return "/" + string.Join('/', done);
    }

    private static Fd Ensure(Fd root, string path, bool directory, uint mode, (uint Uid, uint Gid)? owner)
    {
        const uint DirectoryMode = 0x1ED; // 0755
        var todo = new Stack<string>();
        Push(todo, path);
        var done = new List<string>();
        var links = 0;
        while (todo.TryPop(out var name))
        {
            if (name == "..")
            {
                if (done.Count > 0) done.RemoveAt(done.Count - 1);
                continue;
            }

            var here = "/" + string.Join('/', done.Append(name));
            var wanted = todo.Count > 0 || directory;
            var result = TryOpenInRoot(root, here, O_PATH | O_NOFOLLOW, 0, out var fd);
            if (result == -Errno.ENOENT)
            {
                using var parent = OpenInRoot(root, "/" + string.Join('/', done), O_PATH | O_DIRECTORY);
                Make(parent, name, wanted, wanted && !directory ? DirectoryMode : mode, owner, here);
                result = TryOpenInRoot(root, here, O_PATH | O_NOFOLLOW, 0, out fd);
            }

            if (result < 0) throw new SyscallException("openat2", -result, here);
            using (fd)
            {
                if (Files.Status(fd!).IsSymlink)
                {
                    if (++links > MaxLinks) throw new SyscallException("openat2", Errno.ELOOP, path);
                    var target = Files.FindLink(fd!, "") ?? throw new SyscallException("readlinkat", Errno.EINVAL, here);
                    if (target.StartsWith('/')) done.Clear();
                    Push(todo, target);
                    continue;
                }
            }

            done.Add(name);
        }

        return OpenInRoot(root, "/" + string.Join('/', done), O_PATH | (directory ? O_DIRECTORY : 0));
    }

    private static void Make(Fd parent, string name, bool directory, uint mode, (uint Uid, uint Gid)? owner, string path)
    {
        var result = directory
            ? Files.TryMkdirAt(parent, name, mode)
            : Files.TryMknodAt(parent, name, FileModes.S_IFREG | mode);
        if (result == -Errno.EEXIST) return;
        if (result < 0) throw new SyscallException(directory ? "mkdirat" : "mknodat", -result, path);
        if (owner is not { } ids) return;
        result = Files.TryChownAt(parent, name, ids.Uid, ids.Gid);
        if (result < 0) throw new SyscallException("fchownat", -result, path);
    }

    private static void Push(Stack<string> todo, string path)
    {
        var parts = path.Split('/');
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i].Length > 0 && parts[i] != ".") todo.Push(parts[i]);
        }
    }
}
