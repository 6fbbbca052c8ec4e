using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>Whole directory trees, by descriptors: links are never followed, and what is mounted inside is never removed.</summary>
public static class Trees
{
    /// <summary>Removes a name with all below it.</summary>
    /// <returns>0, or a negative error number. A name that is not there is no error.</returns>
    public static int Remove(Fd? directory, ReadOnlySpan<byte> name)
    {
        var removed = Inodes.Unlink(directory, name);
        if (removed is 0 or -Errno.ENOENT)
            return 0;
        if (removed is not (-Errno.EISDIR or -Errno.EPERM))
            return removed;
        removed = Inodes.Unlink(directory, name, Inodes.RemoveDirectory);
        if (removed is 0 or -Errno.ENOENT)
            return 0;
        if (removed is not (-Errno.ENOTEMPTY or -Errno.EEXIST))
            return removed;

        // An explicit stack: images can nest directories deeper than a thread's stack.
        return RemoveBelow(directory, name);
    }

    /// <summary>Removes a tree if that is possible now; what is left is an orphan for the next start.</summary>
    public static void TryRemove(string path)
    {
        try
        {
            Remove(path);
        }
        catch (SyscallException)
        {
            // Busy, or a disk that fails: no reason to be without a store.
        }
    }

    /// <summary>Removes a path with all below it.</summary>
    public static void Remove(string path)
    {
        var removed = Remove(null, [.. System.Text.Encoding.UTF8.GetBytes(path), 0]);
        if (removed < 0)
            throw new SyscallException("unlink", -removed, path);
    }

    /// <summary>Bytes of content of all regular files below a path; a file with several links counts once.</summary>
    public static long SizeOf(string path)
    {
        long size = 0;
        var counted = new HashSet<ulong>();
        if (OpenToLook(null, [.. System.Text.Encoding.UTF8.GetBytes(path), 0], out var root) < 0)
            return 0;
        var directories = new Stack<Fd>();
        directories.Push(root);
        while (directories.TryPop(out var directory))
        {
            using (directory)
            {
                var names = new List<byte[]>();
                Inodes.List(directory, names);
                foreach (var name in names)
                {
                    if (Inodes.Status(directory, name, out var status) < 0)
                        continue;
                    if (status.IsRegular && (status.Links == 1 || counted.Add(status.Inode)))
                        size += status.Size;
                    else if (status.IsDirectory && OpenToLook(directory, name, out var below) == 0)
                        directories.Push(below);
                }
            }
        }

        return size;
    }

    // A look is no use; of what belongs to somebody else it cannot be hidden.
    private static int OpenToLook(Fd? directory, ReadOnlySpan<byte> name, out Fd opened)
    {
        var flags = Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow;
        var failed = Inodes.Open(directory, name, flags | Inodes.NoAccessTime, 0, out opened);
        return failed == -Errno.EPERM ? Inodes.Open(directory, name, flags, 0, out opened) : failed;
    }

    private static int RemoveBelow(Fd? directory, ReadOnlySpan<byte> name)
    {
        var stack = new Stack<Level>();
        var failed = Open(directory, name, out var first);
        if (failed < 0)
            return failed;
        stack.Push(first!);
        while (stack.TryPeek(out var level))
        {
            if (level.Names.Count == 0)
            {
                stack.Pop();
                level.Directory.Dispose();
                failed = Inodes.Unlink(stack.TryPeek(out var parent) ? parent.Directory : directory, level.Name, Inodes.RemoveDirectory);
            }
            else
            {
                var next = level.Names[^1];
                level.Names.RemoveAt(level.Names.Count - 1);
                failed = Inodes.Unlink(level.Directory, next);
                if (failed is -Errno.EISDIR or -Errno.EPERM)
                {
                    failed = Open(level.Directory, next, out var below);
                    if (failed == 0)
                        stack.Push(below!);
                }
            }

            if (failed < 0 && failed != -Errno.ENOENT)
            {
                foreach (var open in stack)
                    open.Directory.Dispose();
                return failed;
            }
        }

        return 0;
    }

    private static int Open(Fd? parent, ReadOnlySpan<byte> name, out Level? level)
    {
        level = null;
        var failed = Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
        if (failed < 0)
            return failed;
        var names = new List<byte[]>();
        // What is mounted inside a tree is not the tree's.
        failed = parent is not null && Inodes.Status(directory, Inodes.Empty, out var status) == 0 && status.IsMountRoot ? -Errno.EBUSY : Inodes.List(directory, names);
        if (failed < 0)
        {
            directory.Dispose();
            return failed;
        }

        level = new(directory, name.ToArray(), names);
        return 0;
    }

    private sealed record Level(Fd Directory, byte[] Name, List<byte[]> Names);
}
