using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Volumes;

/// <summary>Trees that somebody hostile may have filled, walked by descriptors only: no link is followed, no path joined.</summary>
internal static class DirectoryTree
{
    /// <summary>How deep a tree may be: each level holds a descriptor or two.</summary>
    public const int DepthLimit = 400;

    /// <summary>Removes a name in a directory with all below it; nothing there is no error.</summary>
    /// <exception cref="GantryException">Internal: the kernel refuses.</exception>
    public static void Remove(Fd parent, byte[] name) => Remove(parent, name, 0);

    /// <summary>Removes all that a directory holds.</summary>
    public static void Clear(Fd directory) => Clear(directory, 0);

    /// <summary>The bytes of a tree's files, holes included and directories not; a file with several names counts once.</summary>
    /// <remarks>Source: moby pkg/directory, Size.</remarks>
    public static long SizeOf(Fd directory) => SizeOf(directory, [], 0);

    public static Fd OpenDirectory(Fd parent, ReadOnlySpan<byte> name)
    {
        var result = Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow | Inodes.CloseOnExec, 0, out var directory);
        return result < 0 ? throw Refused("open", name, result) : directory;
    }

    public static List<byte[]> List(Fd directory)
    {
        var names = new List<byte[]>();
        // A descriptor remembers how far it was read.
        var result = Inodes.Seek(directory, 0);
        if (result == 0)
            result = Inodes.List(directory, names);
        return result < 0 ? throw Refused("list", Inodes.Empty, result) : names;
    }

    public static GantryException Refused(string what, ReadOnlySpan<byte> name, int result) => GantryException.Of(
        result is -Errno.ENOSPC or -Errno.EDQUOT ? ErrorKind.Exhausted : ErrorKind.Internal,
        $"cannot {what} \"{System.Text.Encoding.UTF8.GetString(name.TrimEnd((byte)0))}\" in a volume: {Errno.Text(-result)} ({Errno.Name(-result)})");

    private static void Remove(Fd parent, byte[] name, int depth)
    {
        // Most entries are no directories: that is tried first.
        var result = Inodes.Unlink(parent, name);
        if (result is 0 or -Errno.ENOENT)
            return;
        if (result is not (-Errno.EISDIR or -Errno.EPERM))
            throw Refused("remove", name, result);
        result = Inodes.Unlink(parent, name, Inodes.RemoveDirectory);
        if (result is 0 or -Errno.ENOENT)
            return;
        if (result is not (-Errno.ENOTEMPTY or -Errno.EEXIST))
            throw Refused("remove", name, result);
        using (var directory = OpenDirectory(parent, name))
            Clear(directory, depth + 1);
        result = Inodes.Unlink(parent, name, Inodes.RemoveDirectory);
        if (result is not (0 or -Errno.ENOENT))
            throw Refused("remove", name, result);
    }

    private static void Clear(Fd directory, int depth)
    {
        if (depth > DepthLimit)
        {
            Flatten(directory);
            return;
        }

        foreach (var name in List(directory))
            Remove(directory, name, depth);
    }

    // A tree built deeper than we have descriptors is removed level by level: what is below comes up next to what it was in.
    private static void Flatten(Fd directory)
    {
        var serial = 0;
        for (var names = List(directory); names.Count > 0; names = List(directory))
        {
            foreach (var name in names)
            {
                if (Inodes.Unlink(directory, name) == 0 || Inodes.Unlink(directory, name, Inodes.RemoveDirectory) == 0)
                    continue;
                using var child = OpenDirectory(directory, name);
                foreach (var below in List(child))
                {
                    if (Inodes.Unlink(child, below) == 0)
                        continue;
                    var result = Inodes.Rename(child, below, directory, System.Text.Encoding.ASCII.GetBytes($".gantry-{serial++}-{names.Count}\0"));
                    if (result is not (0 or -Errno.ENOENT))
                        throw Refused("remove", below, result);
                }
            }
        }
    }

    private static long SizeOf(Fd directory, HashSet<ulong> counted, int depth)
    {
        var size = 0L;
        if (depth > DepthLimit)
            return size;
        foreach (var name in List(directory))
        {
            if (Inodes.Status(directory, name, out var status) < 0)
                continue;
            if (status.IsDirectory)
            {
                // One that went, or became a link, in between has no size.
                if (Inodes.Open(directory, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow | Inodes.CloseOnExec, 0, out var child) == 0)
                {
                    using (child)
                        size += SizeOf(child, counted, depth + 1);
                }
            }
            else if (status.Links == 1 || counted.Add(status.Inode))
            {
                size += status.Size;
            }
        }

        return size;
    }
}
