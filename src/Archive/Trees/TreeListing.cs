using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>A directory's files as entries, for somebody who makes a tree like it: see <see cref="MirrorTree"/>.</summary>
/// <remarks>Names are listed in the order of their bytes, a directory before what is in it. What is in the directory is not
/// trusted: no link is followed. Names that are not UTF-8, sockets and what is mounted inside are left out.</remarks>
public sealed class TreeListing : IDisposable
{
    private const ulong Below = Inodes.Beneath | Inodes.NoSymlinks;
    private readonly Fd _root;

    /// <param name="directory">An existing directory, whose own path is trusted.</param>
    /// <exception cref="SyscallException">It cannot be opened.</exception>
    public TreeListing(string directory)
    {
        var result = Inodes.Open(null, [.. Encoding.UTF8.GetBytes(directory), 0], Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out _root);
        if (result < 0)
            throw new SyscallException("open", -result, directory);
    }

    /// <summary>All entries but the directory itself, with their owners and devices.</summary>
    public IEnumerable<(MirrorEntry Entry, InodeStatus Status)> List()
    {
        var links = new Dictionary<((uint, uint), ulong), string>();
        // What is left to be listed of each directory on the way, the next one last.
        var waiting = new Stack<(string Path, List<byte[]> Names)>();
        waiting.Push(("", NamesIn("")));
        while (waiting.TryPeek(out var level))
        {
            if (level.Names.Count == 0)
            {
                waiting.Pop();
                continue;
            }

            var name = level.Names[^1];
            level.Names.RemoveAt(level.Names.Count - 1);
            if (Find(level.Path, name, links) is not { } found)
                continue;
            yield return found;
            if (found.Status.IsDirectory)
                waiting.Push((found.Entry.Path, NamesIn(found.Entry.Path)));
        }
    }

    /// <summary>Opens a regular file's content.</summary>
    /// <exception cref="SyscallException">It is gone, or something else by now.</exception>
    public Fd OpenContent(string path)
    {
        var result = Inodes.OpenResolved(_root, [.. Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.NoFollow | Inodes.NonBlocking, 0, Below, out var file);
        if (result == 0)
            return file;
        file.Dispose();
        throw new SyscallException("openat2", -result, path);
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private static string? TextOf(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name);
        return Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(name) ? text : null;
    }

    private Fd OpenDirectory(string path)
    {
        var result = path.Length == 0
            ? Inodes.Open(_root, "./\0"u8, Inodes.ReadOnly | Inodes.Directory, 0, out var directory)
            : Inodes.OpenResolved(_root, [.. Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.Directory, 0, Below, out directory);
        if (result == 0)
            return directory;
        directory.Dispose();
        throw new SyscallException("openat2", -result, path);
    }

    private List<byte[]> NamesIn(string path)
    {
        var names = new List<byte[]>();
        using var directory = OpenDirectory(path);
        Inodes.List(directory, names);
        names.Sort(static (a, b) => b.AsSpan().SequenceCompareTo(a));
        return names;
    }

    private (MirrorEntry Entry, InodeStatus Status)? Find(string directory, byte[] name, Dictionary<((uint, uint), ulong), string> links)
    {
        if (TextOf(name.AsSpan(0, name.Length - 1)) is not { } text)
            return null;
        using var parent = OpenDirectory(directory);
        if (Inodes.Status(parent, name, out var status) < 0 || status.Kind == InodeStatus.KindSocket || status.IsMountRoot)
            return null;
        var path = RawPath.Join(directory, text);
        var target = "";
        if (status.IsSymlink)
        {
            var buffer = new byte[RawPath.Longest];
            var length = Inodes.ReadLink(parent, name, buffer);
            if (length < 0 || TextOf(buffer.AsSpan(0, length)) is not { } link)
                return null;
            target = link;
        }
        else if (status.IsRegular && status.Links > 1 && !links.TryAdd((status.FileSystem, status.Inode), path))
        {
            target = links[(status.FileSystem, status.Inode)];
        }

        var entry = new MirrorEntry { Path = path, Kind = status.Kind, Permissions = status.Permissions, Size = status.Size, Modified = status.Modified, LinkName = target, Xattrs = AttributesOf(parent, name, status) };
        return (entry, status);
    }

    private static Dictionary<string, byte[]> AttributesOf(Fd parent, byte[] name, InodeStatus status)
    {
        var values = new Dictionary<string, byte[]>();
        if (!status.IsRegular && !status.IsDirectory)
            return values;
        foreach (var attribute in Xattrs.List(parent, name))
        {
            if (MirrorTree.IsCarried(attribute) && Xattrs.Find(parent, name, attribute) is { } value)
                values[attribute] = value;
        }

        return values;
    }
}
