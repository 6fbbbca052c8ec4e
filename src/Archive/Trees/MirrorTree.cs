using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Archive;

/// <summary>
/// Makes a directory like a tree that somebody else has and tells of file by file: what is the same stays, what differs is made
/// anew, what is not told of is removed at the end.
/// </summary>
/// <remarks>
/// <para>The teller is not trusted. Every directory is opened by the kernel with RESOLVE_BENEATH and without links, and everything
/// is made by one component in it: no entry leads out of the directory, whatever links came before it. Files belong to this
/// process's user. Device files are refused.</para>
/// <para>A regular file is the same when kind, permissions, size and modification time are. Its time is set after its content, so
/// one whose content never came whole is asked for again the next time. For one thread.</para>
/// </remarks>
public sealed class MirrorTree : IDisposable
{
    /// <summary>Of one tree; a name of each is kept until the end.</summary>
    public const int MostEntries = 2_000_000;

    private const ulong Below = Inodes.Beneath | Inodes.NoSymlinks;

    private readonly Fd _root;
    private readonly Dictionary<string, bool> _told = new(StringComparer.Ordinal);
    private readonly List<MirrorEntry> _directories = [];
    private readonly HashSet<string> _linked = new(StringComparer.Ordinal);
    private string? _lastPath;
    private Fd? _last;

    /// <param name="directory">An existing directory, whose own path is trusted.</param>
    public MirrorTree(string directory)
    {
        Require(Inodes.Open(null, [.. Encoding.UTF8.GetBytes(directory), 0], Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out _root), "open", directory);
    }

    /// <summary>Whether anything was made, removed or given other permissions, so that the tree is another than before; times do not count.</summary>
    public bool Changed { get; private set; }

    /// <summary>Takes the next entry. Parents come before what is in them.</summary>
    /// <returns>Whether its content is wanted: a regular file that is not there yet.</returns>
    /// <exception cref="GantryException">Invalid: a path that cannot be, a device. Exhausted: too many, or no space left.</exception>
    public bool Put(MirrorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Check(entry.Path);
        if (_told.Count >= MostEntries)
            throw GantryException.Of(ErrorKind.Exhausted, $"the directory has more than {MostEntries} files: leave out what is not needed with a .dockerignore file");
        var parentPath = RawPath.Parent(entry.Path);
        if (parentPath.Length > 0 && !(_told.TryGetValue(parentPath, out var isDirectory) && isDirectory))
            throw Refused(entry.Path, "its directory was not sent before it");
        if (!_told.TryAdd(entry.Path, entry.Kind == InodeStatus.KindDirectory))
            throw Refused(entry.Path, "it was sent twice");
        try
        {
            if (entry.Kind == InodeStatus.KindDirectory)
                _directories.Add(entry);
            if (entry.Kind == InodeStatus.KindRegular && entry.LinkName.Length > 0)
                MakeLink(entry);
            else
                return Make(entry, Open(parentPath), NameOf(entry.Path));
            return false;
        }
        catch (SyscallException e)
        {
            throw Explain(entry.Path, e);
        }
    }

    /// <summary>Takes back an entry whose content was asked for: it is not there any more.</summary>
    /// <exception cref="GantryException">Invalid: another entry is the same file.</exception>
    public void Drop(MirrorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_linked.Contains(entry.Path))
            throw Refused(entry.Path, "it was removed while the directory was sent, but its other names were not: build again");
        Require(Inodes.Unlink(Open(RawPath.Parent(entry.Path)), NameOf(entry.Path)), "unlinkat", entry.Path);
    }

    /// <summary>Opens a file that <see cref="Put"/> asked the content of. The caller writes, calls <see cref="Seal"/> and disposes of it.</summary>
    public Fd OpenContent(MirrorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        try
        {
            Require(Inodes.Open(Open(RawPath.Parent(entry.Path)), NameOf(entry.Path), Inodes.WriteOnly | Inodes.NoFollow, 0, out var file), "open", entry.Path);
            return file;
        }
        catch (SyscallException e)
        {
            throw Explain(entry.Path, e);
        }
    }

    /// <summary>Appends content.</summary>
    public static void Write(MirrorEntry entry, Fd file, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (Inodes.Write(file, content) is < 0 and var failed)
            throw Explain(entry.Path, new SyscallException("write", -failed));
    }

    /// <summary>The content is whole: sets what a write would take away or change.</summary>
    public static void Seal(MirrorEntry entry, Fd file)
    {
        ArgumentNullException.ThrowIfNull(entry);
        try
        {
            Require(Inodes.ChangeMode(file, entry.Permissions), "fchmod", entry.Path);
            foreach (var (name, value) in entry.Xattrs)
            {
                // Others mean something to the engine's own filesystem (trusted.overlay.*), or to nobody here.
                if (IsCarried(name))
                    _ = Xattrs.Set(file, name, value);
            }

            Require(Inodes.SetTimes(file, FileTime.Omit, entry.Modified), "futimens", entry.Path);
        }
        catch (SyscallException e)
        {
            throw Explain(entry.Path, e);
        }
    }

    /// <summary>Everything has been told and written: removes what was not told of, and sets the times of directories.</summary>
    public void Finish()
    {
        RemoveOthers();
        // The deepest first: without root's privileges nothing is reached through a directory that is closed already.
        for (var i = _directories.Count - 1; i >= 0; i--)
        {
            var entry = _directories[i];
            try
            {
                Require(Inodes.Open(Open(RawPath.Parent(entry.Path)), NameOf(entry.Path), Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory), "openat", entry.Path);
                using (directory)
                    Seal(entry, directory);
            }
            catch (SyscallException e)
            {
                throw Explain(entry.Path, e);
            }
        }
    }

    /// <summary>Whether an attribute travels between a client's tree and ours.</summary>
    public static bool IsCarried(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name == "security.capability" || (name.StartsWith("user.", StringComparison.Ordinal) && !name.StartsWith("user.overlay.", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _last?.Dispose();
        _root.Dispose();
    }

    private bool Make(MirrorEntry entry, Fd parent, byte[] name)
    {
        var found = Inodes.Status(parent, name, out var status);
        if (found is not (0 or -Errno.ENOENT))
            Require(found, "statx", entry.Path);
        var there = found == 0;
        switch (entry.Kind)
        {
            case InodeStatus.KindDirectory:
                Changed |= !there || !status.IsDirectory || status.Permissions != entry.Permissions;
                Clear(there && !status.IsDirectory);
                if (!there || !status.IsDirectory)
                    Require(Inodes.MakeDirectory(parent, name, 0x1C0), "mkdirat", entry.Path);
                Require(Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory), "openat", entry.Path);
                using (directory)
                    Require(Inodes.ChangeMode(directory, entry.Permissions | 0x1C0), "fchmod", entry.Path);
                return false;
            case InodeStatus.KindRegular:
                if (there && status.IsRegular && status.Permissions == entry.Permissions && status.Size == entry.Size && status.Modified == entry.Modified)
                    return false;
                Changed = true;
                // A new file, not the old one filled anew: other names may lead to that one.
                Clear(there);
                Require(Inodes.Open(parent, name, Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive | Inodes.NoFollow, 0x180, out var file), "openat", entry.Path);
                using (file)
                {
                    if (entry.Size != 0)
                        return true;
                    Seal(entry, file);
                }

                return false;
            case InodeStatus.KindSymlink:
                if (entry.LinkName.Length == 0 || entry.LinkName.Contains('\0', StringComparison.Ordinal))
                    throw Refused(entry.Path, "it is a link to nowhere");
                var target = Encoding.UTF8.GetBytes(entry.LinkName);
                if (!there || !status.IsSymlink || !LeadsTo(parent, name, target))
                {
                    Changed = true;
                    Clear(there);
                    Require(Inodes.MakeSymlink([.. target, 0], parent, name), "symlinkat", entry.Path);
                }

                Require(Inodes.SetTimes(parent, name, FileTime.Omit, entry.Modified), "utimensat", entry.Path);
                return false;
            case InodeStatus.KindFifo:
                if (!there || status.Kind != InodeStatus.KindFifo || status.Permissions != entry.Permissions)
                {
                    Changed = true;
                    Clear(there);
                    Require(Inodes.MakeNode(parent, name, InodeStatus.KindFifo | entry.Permissions, 0, 0), "mknodat", entry.Path);
                    Require(Inodes.ChangeMode(parent, name, entry.Permissions), "fchmodat", entry.Path);
                }

                Require(Inodes.SetTimes(parent, name, FileTime.Omit, entry.Modified), "utimensat", entry.Path);
                return false;
            default:
                throw Refused(entry.Path, "it is a device or a socket, which no image is made of: leave it out with a .dockerignore file");
        }

        void Clear(bool needed)
        {
            if (needed)
                Require(Trees.Remove(parent, name), "unlinkat", entry.Path);
        }
    }

    private void MakeLink(MirrorEntry entry)
    {
        if (entry.LinkName == entry.Path || !_told.TryGetValue(entry.LinkName, out var isDirectory) || isDirectory)
            throw Refused(entry.Path, "it is another name for a file that was not sent before it");
        _linked.Add(entry.LinkName);
        var target = NameOf(entry.LinkName);
        // A descriptor of its own: the one that is kept is replaced by the other directory's.
        using var source = OpenNew(RawPath.Parent(entry.LinkName));
        var parent = Open(RawPath.Parent(entry.Path));
        var name = NameOf(entry.Path);
        Require(Inodes.Status(source, target, out var wanted), "statx", entry.LinkName);
        if (Inodes.Status(parent, name, out var status) == 0)
        {
            if (status.Inode == wanted.Inode)
                return;
            Require(Trees.Remove(parent, name), "unlinkat", entry.Path);
        }

        Changed = true;
        Require(Inodes.MakeLink(source, target, parent, name), "linkat", entry.Path);
    }

    private static bool LeadsTo(Fd parent, byte[] name, byte[] target)
    {
        var buffer = new byte[target.Length + 1];
        var length = Inodes.ReadLink(parent, name, buffer);
        return length == target.Length && buffer.AsSpan(0, length).SequenceEqual(target);
    }

    private static void Check(string path)
    {
        if (path.Length == 0 || Encoding.UTF8.GetByteCount(path) >= RawPath.Longest || path.Contains('\0', StringComparison.Ordinal)
            || path.Split('/').Any(static component => component is "" or "." or ".." || Encoding.UTF8.GetByteCount(component) > 255))
        {
            throw Refused(path, "that is no path inside a directory");
        }
    }

    private static byte[] NameOf(string path) => [.. Encoding.UTF8.GetBytes(RawPath.Name(path)), 0];

    private static void Require(int result, string call, string path)
    {
        if (result < 0)
            throw new SyscallException(call, -result, path);
    }

    private static GantryException Refused(string path, string why) =>
        GantryException.Of(ErrorKind.Invalid, $"cannot take \"{Printable(path)}\" of the client's directory: {why}");

    private static GantryException Explain(string path, SyscallException e) => e.Number switch
    {
        Errno.ENOSPC or Errno.EDQUOT => GantryException.Of(ErrorKind.Exhausted, $"no space left on device while \"{Printable(path)}\" is received", cause: e),
        _ => GantryException.Of(ErrorKind.Invalid, $"cannot take \"{Printable(path)}\" of the client's directory: {e.Call}: {Errno.Text(e.Number)} ({Errno.Name(e.Number)})", cause: e),
    };

    private static string Printable(string path) => TarErrors.Printable(Encoding.UTF8.GetBytes(path.Length > 200 ? path[..200] + "…" : path));

    private Fd Open(string path)
    {
        if (path == _lastPath)
            return _last!;
        var directory = OpenNew(path);
        _last?.Dispose();
        (_last, _lastPath) = (directory, path);
        return directory;
    }

    private Fd OpenNew(string path)
    {
        var result = path.Length == 0
            ? Inodes.Open(_root, "./\0"u8, Inodes.ReadOnly | Inodes.Directory, 0, out var directory)
            : Inodes.OpenResolved(_root, [.. Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.Directory, 0, Below, out directory);
        if (result < 0)
            directory.Dispose();
        Require(result, "openat2", path);
        return directory;
    }

    // An explicit stack of paths: trees can be deeper than a thread's stack, or than the number of files that may be open.
    private void RemoveOthers()
    {
        var waiting = new Stack<string>([""]);
        while (waiting.TryPop(out var path))
        {
            var names = new List<byte[]>();
            var directory = Open(path);
            Require(Inodes.List(directory, names), "getdents64", path);
            foreach (var name in names)
            {
                var text = RawPath.Join(path, Encoding.UTF8.GetString(name.AsSpan(0, name.Length - 1)));
                if (!_told.TryGetValue(text, out var isDirectory))
                {
                    Changed = true;
                    Require(Trees.Remove(directory, name), "unlinkat", text);
                }
                else if (isDirectory)
                    waiting.Push(text);
            }
        }
    }
}
