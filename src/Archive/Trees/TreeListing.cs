using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Patterns;

namespace Gantry.Archive;

/// <summary>A directory's files as entries, for somebody who makes a tree like it: see <see cref="MirrorTree"/>.</summary>
/// <remarks>Names are listed in the order of their bytes, a directory before what is in it. What is in the directory is not
/// trusted: no link is followed. What is gone before it is looked at, sockets and what is mounted inside are left out.</remarks>
public sealed class TreeListing : IDisposable
{
    private const ulong Below = Inodes.Beneath | Inodes.NoSymlinks;

    private readonly Fd _root;
    private readonly PatternMatcher? _excludes;
    private readonly PatternMatcher? _includes;
    private readonly Dictionary<((uint, uint), ulong), string> _links = [];
    private string? _lastPath;
    private Fd? _last;

    /// <param name="directory">An existing directory, whose own path is trusted.</param>
    /// <param name="excludes">What is left out, as by a .dockerignore file: it is not looked at, unless something below may be taken back in; null: nothing.</param>
    /// <param name="includes">Only what matches is listed, with the directories on the way to it; null: everything.</param>
    /// <exception cref="SyscallException">It cannot be opened.</exception>
    public TreeListing(string directory, PatternMatcher? excludes = null, PatternMatcher? includes = null)
    {
        _excludes = excludes is { IsEmpty: true } ? null : excludes;
        _includes = includes;
        var result = Inodes.Open(null, [.. Encoding.UTF8.GetBytes(directory), 0], Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out _root);
        if (result < 0)
            throw new SyscallException("open", -result, directory);
    }

    /// <summary>Is told of a name that is not UTF-8, as it can be shown, before it is left out; may throw.</summary>
    public Action<string>? Unnameable { get; init; }

    /// <summary>Whether entries have their extended attributes; asking for them takes as long as all the rest.</summary>
    public bool WithAttributes { get; init; } = true;

    /// <summary>All entries but the directory itself, with their owners and devices.</summary>
    /// <exception cref="SyscallException">A directory cannot be read.</exception>
    public IEnumerable<(MirrorEntry Entry, InodeStatus Status)> List()
    {
        // What is left to be listed of each directory on the way, the next one last.
        var waiting = new Stack<Level>();
        // Directories on the way that are listed when something in them is.
        var passed = new Queue<(MirrorEntry, InodeStatus)>();
        waiting.Push(new("", default, default, null, NamesIn("")));
        while (waiting.TryPeek(out var level))
        {
            if (level.Names.Count == 0)
            {
                waiting.Pop();
                continue;
            }

            var name = level.Names[^1];
            level.Names.RemoveAt(level.Names.Count - 1);
            var path = RawPath.Join(level.Path, Encoding.UTF8.GetString(name.AsSpan(..^1)));
            var isOut = _excludes?.Match(path, level.Excluded) ?? default;
            var isIn = _includes?.Match(path, level.Included) ?? default;
            var wanted = !isOut.IsMatch && (_includes is null || isIn.IsMatch);
            if (!wanted && !(isOut.IsMatch ? _excludes!.MayHoldException(path) : _includes!.MayHoldMatch(path)))
                continue;
            if (TextOf(name.AsSpan(..^1)) is null || Find(level.Path, name, path) is not { } found || !(wanted || found.Status.IsDirectory))
                continue;
            if (wanted)
            {
                level.Wanted(passed);
                while (passed.TryDequeue(out var directory))
                    yield return directory;
                yield return found;
            }

            if (found.Status.IsDirectory)
                waiting.Push(new(path, isOut, isIn, wanted ? null : new(level, found), NamesIn(path)));
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

    /// <summary>An entry as it is now, with its extended attributes; null: it is gone.</summary>
    public MirrorEntry? Renew(MirrorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        byte[] name = [.. Encoding.UTF8.GetBytes(RawPath.Name(entry.Path)), 0];
        if (TryOpenDirectory(RawPath.Parent(entry.Path)) is not { } parent || Inodes.Status(parent, name, out var status) < 0)
            return null;
        var now = entry with { Kind = status.Kind, Permissions = status.Permissions, Size = status.Size, Modified = status.Modified };
        return AttributesOf(parent, name, status) is { } attributes ? now with { Xattrs = attributes } : now;
    }

    /// <summary>Where a symbolic link leads; null: the path is none, or not there.</summary>
    internal string? LinkAt(string path) => TryOpenDirectory(RawPath.Parent(path)) is { } parent ? TargetOf(parent, [.. Encoding.UTF8.GetBytes(RawPath.Name(path)), 0]) : null;

    /// <summary>The names in a directory that are UTF-8; none when there is no such directory.</summary>
    internal IReadOnlyList<string> NamesAt(string path) => [.. NamesIn(path).Select(static name => TextOf(name.AsSpan(0, name.Length - 1), null)).OfType<string>()];

    /// <inheritdoc/>
    public void Dispose()
    {
        _last?.Dispose();
        _root.Dispose();
    }

    private static string? TextOf(ReadOnlySpan<byte> name, Action<string>? otherwise)
    {
        if (System.Text.Unicode.Utf8.IsValid(name))
            return Encoding.UTF8.GetString(name);
        otherwise?.Invoke(TarErrors.Printable(name));
        return null;
    }

    private string? TextOf(ReadOnlySpan<byte> name) => TextOf(name, Unnameable);

    private string? TargetOf(Fd parent, byte[] name)
    {
        var buffer = new byte[RawPath.Longest];
        var length = Inodes.ReadLink(parent, name, buffer);
        return length < 0 ? null : TextOf(buffer.AsSpan(0, length));
    }

    // The last one stays open: what is listed next is mostly in it. None is held for each level, for trees can be deeper than
    // the number of files that may be open.
    private Fd? TryOpenDirectory(string path)
    {
        if (path == _lastPath)
            return _last;
        var result = path.Length == 0
            ? Inodes.Open(_root, "./\0"u8, Inodes.ReadOnly | Inodes.Directory, 0, out var directory)
            : Inodes.OpenResolved(_root, [.. Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.Directory, 0, Below, out directory);
        if (result < 0)
            directory.Dispose();
        if (result is -Errno.ENOENT or -Errno.ENOTDIR or -Errno.ELOOP)
            return null;
        if (result < 0)
            throw new SyscallException("openat2", -result, path);
        _last?.Dispose();
        (_last, _lastPath) = (directory, path);
        return directory;
    }

    private List<byte[]> NamesIn(string path)
    {
        var names = new List<byte[]>();
        if (TryOpenDirectory(path) is not { } directory)
            return names;
        // The descriptor was read to its end by the time it is used for a second list.
        _ = Inodes.Seek(directory, 0);
        Inodes.List(directory, names);
        names.Sort(static (a, b) => b.AsSpan().SequenceCompareTo(a));
        return names;
    }

    private (MirrorEntry Entry, InodeStatus Status)? Find(string directory, byte[] name, string path)
    {
        if (TryOpenDirectory(directory) is not { } parent)
            return null;
        if (Inodes.Status(parent, name, out var status) < 0 || status.Kind == InodeStatus.KindSocket || status.IsMountRoot)
            return null;
        var target = "";
        if (status.IsSymlink)
        {
            if (TargetOf(parent, name) is not { } link)
                return null;
            target = link;
        }
        else if (status.IsRegular && status.Links > 1 && !_links.TryAdd((status.FileSystem, status.Inode), path))
        {
            target = _links[(status.FileSystem, status.Inode)];
        }

        var entry = new MirrorEntry { Path = path, Kind = status.Kind, Permissions = status.Permissions, Size = status.Size, Modified = status.Modified, LinkName = target };
        return (WithAttributes && AttributesOf(parent, name, status) is { } attributes ? entry with { Xattrs = attributes } : entry, status);
    }

    private static Dictionary<string, byte[]>? AttributesOf(Fd parent, byte[] name, InodeStatus status)
    {
        if (!status.IsRegular && !status.IsDirectory)
            return null;
        Dictionary<string, byte[]>? values = null;
        foreach (var attribute in Xattrs.List(parent, name))
        {
            if (MirrorTree.IsCarried(attribute) && Xattrs.Find(parent, name, attribute) is { } value)
                (values ??= [])[attribute] = value;
        }

        return values;
    }

    /// <summary>A directory that is being listed.</summary>
    /// <param name="pending">It and the one that holds it, when it is not wanted itself and was not listed yet.</param>
    private sealed class Level(string path, PathMatch excluded, PathMatch included, Passed? pending, List<byte[]> names)
    {
        private Passed? _pending = pending;

        public string Path => path;

        public PathMatch Excluded => excluded;

        public PathMatch Included => included;

        public List<byte[]> Names => names;

        /// <summary>Something in it is listed: it is, too.</summary>
        public void Wanted(Queue<(MirrorEntry, InodeStatus)> passed)
        {
            if (_pending is not { } own)
                return;
            own.Holder.Wanted(passed);
            passed.Enqueue(own.Found);
            _pending = null;
        }
    }

    private sealed record Passed(Level Holder, (MirrorEntry, InodeStatus) Found);
}
