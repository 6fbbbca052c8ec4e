using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>
/// Writes a layer's archive into a directory as overlayfs wants it: whiteouts become character devices 0:0, opaque
/// directories an attribute. Kept: ownership, modes, times to the nanosecond, attributes, hard links, devices, holes.
/// </summary>
/// <remarks>Source: image-spec layer.md; moby pkg/archive/diff.go for what counts when entries contradict each other.</remarks>
internal sealed class LayerWriter : IDisposable
{
    private const string WhiteoutPrefix = ".wh.";
    private const string WhiteoutMetaPrefix = ".wh..wh.";
    private const string OpaqueMark = ".wh..wh..opq";

    // A layer of empty files costs 512 bytes for each in the archive, next to nothing compressed, but an inode on disk.
    private const long MostEntries = 10_000_000;

    // From this size on the free space is asked before writing: a full disk hurts everybody on it.
    private const long LargeFile = 16L << 20;
    private const uint SetIdAndSticky = 0xE00;
    private const uint SetGid = 0x400;

    private static readonly byte[] s_dot = [(byte)'.', 0];

    private readonly Fd _root;
    private readonly string _rootPath;
    private readonly LowerChain? _lower;
    private readonly LayerDirectories _directories;
    private readonly uint _umask;
    private readonly List<(string Path, FileTime Accessed, FileTime Modified)> _directoryTimes = [];
    private bool _setGidSeen;

    /// <summary>Prepares to write.</summary>
    /// <param name="root">The layer's directory.</param>
    /// <param name="lower">The layers below; null when they are not known (yet).</param>
    public LayerWriter(Fd root, string rootPath, LowerChain? lower)
    {
        _root = root;
        _rootPath = rootPath;
        _lower = lower;
        _directories = new(root, lower);
        _umask = ProcessUmask();
    }

    /// <summary>Bytes of all files.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Whether the archive has an entry for the root directory itself.</summary>
    public bool HasRoot { get; private set; }

    /// <summary>Directories without an entry: a lower layer's mode and owner count for them.</summary>
    public IReadOnlyCollection<string> Implied => _directories.Implied;

    /// <summary>Writes all entries.</summary>
    /// <exception cref="GantryException">Invalid: damaged, or an entry must be refused. Exhausted: no space left.</exception>
    /// <exception cref="NeedsLowerException">It cannot be done without the layers below.</exception>
    public void Write(TarReader archive, CancellationToken cancellationToken)
    {
        long entries = 0;
        while (archive.Next() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++entries > MostEntries)
                throw GantryException.Of(ErrorKind.Invalid, $"the archive has more than {MostEntries} entries");
            try
            {
                Write(entry, archive);
            }
            catch (SyscallException e)
            {
                throw Explain(entry, e);
            }
        }

        // Last, because every file made in a directory changes its time.
        foreach (var (path, accessed, modified) in _directoryTimes)
        {
            if (path.Length == 0)
                Inodes.SetTimes(_root, s_dot, accessed, modified);
            else if (_directories.Find(RawPath.Parent(path)) is { } parent)
                Inodes.SetTimes(parent, RawPath.Bytes(RawPath.Name(path)), accessed, modified);
        }
    }

    public void Dispose() => _directories.Dispose();

    private static GantryException Explain(TarEntry entry, SyscallException e) => e.Number switch
    {
        Errno.ENOSPC or Errno.EDQUOT => GantryException.Of(ErrorKind.Exhausted, $"no space left on device while unpacking \"{TarErrors.Printable(entry.Name)}\": free some, for example with \"docker image prune\"", cause: e),
        Errno.ENAMETOOLONG or Errno.EISDIR or Errno.ENOTDIR or Errno.EMLINK or Errno.EINVAL => TarErrors.Refused(entry.Name, e.Message),
        Errno.EPERM when entry.Kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice => GantryException.Of(ErrorKind.Forbidden, $"cannot make the device \"{TarErrors.Printable(entry.Name)}\": EPERM; the engine may not make devices here", cause: e),
        _ => GantryException.Of(ErrorKind.Internal, $"unpacking \"{TarErrors.Printable(entry.Name)}\": {e.Message}", cause: e),
    };

    // umask(2) cannot be read without changing it for all threads.
    private static uint ProcessUmask()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("Umask:", StringComparison.Ordinal))
                return Convert.ToUInt32(line[6..].Trim(), 8);
        }

        return 0x1FF;
    }

    private static void Require(int result, string call, ReadOnlySpan<byte> name)
    {
        if (result < 0)
            throw new SyscallException(call, -result, TarErrors.Printable(name[..^1]));
    }

    private void Write(TarEntry entry, TarReader archive)
    {
        _directories.Trim();
        var path = RawPath.Clean(entry.Name);
        if (path.Length == 0)
        {
            WriteRoot(entry);
            return;
        }

        var name = RawPath.Name(path);
        var parent = RawPath.Parent(path);
        if (name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            WriteWhiteout(entry, parent, name);
            return;
        }

        var directory = _directories.Ensure(parent);
        var raw = RawPath.Bytes(name);
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                WriteDirectory(entry, directory, raw, path);
                return;
            case TarEntryKind.File:
                WriteFile(entry, directory, raw, archive);
                return;
            case TarEntryKind.HardLink:
                WriteLink(entry, directory, raw);
                return;
            case TarEntryKind.Symlink:
                if (entry.LinkName.Length == 0)
                    throw TarErrors.Refused(entry.Name, "it is a link to nowhere");
                byte[] target = [.. entry.LinkName, 0];
                Create(() => Inodes.MakeSymlink(target, directory, raw), "symlinkat", directory, raw);
                break;
            case TarEntryKind.CharacterDevice:
            case TarEntryKind.BlockDevice:
            case TarEntryKind.Fifo:
                var kind = entry.Kind switch { TarEntryKind.Fifo => InodeStatus.KindFifo, TarEntryKind.BlockDevice => InodeStatus.KindBlockDevice, _ => InodeStatus.KindCharacterDevice };
                Create(() => Inodes.MakeNode(directory, raw, kind | entry.Mode, entry.DeviceMajor, entry.DeviceMinor), "mknodat", directory, raw);
                break;
        }

        ApplyByName(entry, directory, raw);
        Require(Inodes.SetTimes(directory, raw, entry.Accessed ?? entry.Modified, entry.Modified), "utimensat", raw);
    }

    private void WriteRoot(TarEntry entry)
    {
        if (entry.Kind != TarEntryKind.Directory)
            throw TarErrors.Refused(entry.Name, "the layer's root must be a directory");
        HasRoot = true;
        ApplyByName(entry, _root, s_dot);
        _directoryTimes.Add(("", entry.Accessed ?? entry.Modified, entry.Modified));
    }

    private void WriteWhiteout(TarEntry entry, string parent, string name)
    {
        if (name == OpaqueMark)
        {
            var directory = _directories.Ensure(parent);
            Require(Xattrs.Set(directory, Inodes.Empty, OverlayMarks.Opaque, "y"u8), "setxattr", [.. entry.Name, 0]);
            return;
        }

        // What else begins so is aufs's bookkeeping (.wh..wh.aufs, .wh..wh.plnk).
        if (name.StartsWith(WhiteoutMetaPrefix, StringComparison.Ordinal))
            return;
        var hidden = name[WhiteoutPrefix.Length..];
        if (hidden is "" or "." or "..")
            throw TarErrors.Refused(entry.Name, "it hides no file");
        var raw = RawPath.Bytes(hidden);
        var holder = _directories.Ensure(parent);
        var made = Inodes.MakeNode(holder, raw, InodeStatus.KindCharacterDevice, 0, 0);
        if (made == -Errno.EEXIST)
        {
            // This layer has the name itself, and that wins; but a directory must not merge with the one that is hidden.
            Require(Inodes.Status(holder, raw, out var status), "statx", raw);
            if (status.IsDirectory)
                Require(Xattrs.Set(holder, raw, OverlayMarks.Opaque, "y"u8), "setxattr", raw);
            return;
        }

        Require(made, "mknodat", raw);
        // So that the directory makes the same archive again.
        Require(Inodes.SetTimes(holder, raw, entry.Modified, entry.Modified), "utimensat", raw);
    }

    private void WriteDirectory(TarEntry entry, Fd parent, byte[] name, string path)
    {
        var made = Inodes.MakeDirectory(parent, name, entry.Mode & 0x1FF);
        if (made == -Errno.EEXIST)
        {
            Require(Inodes.Status(parent, name, out var status), "statx", name);
            if (!status.IsDirectory)
            {
                Require(Inodes.Unlink(parent, name), "unlinkat", name);
                _directories.Forget();
                parent = _directories.Ensure(RawPath.Parent(path));
                Require(Inodes.MakeDirectory(parent, name, entry.Mode & 0x1FF), "mkdirat", name);
                if (status.IsWhiteout)
                    Require(Xattrs.Set(parent, name, OverlayMarks.Opaque, "y"u8), "setxattr", name);
            }
        }
        else
        {
            Require(made, "mkdirat", name);
        }

        _directories.Named(path);
        _setGidSeen |= (entry.Mode & SetGid) != 0;
        ApplyByName(entry, parent, name);
        _directoryTimes.Add((path, entry.Accessed ?? entry.Modified, entry.Modified));
    }

    private void WriteFile(TarEntry entry, Fd directory, byte[] name, TarReader archive)
    {
        if (entry.StoredSize >= LargeFile)
            RequireSpace(entry);
        const int Flags = Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive;
        var result = Inodes.Open(directory, name, Flags | Inodes.NoFollow, entry.Mode & 0x1FF, out var file);
        if (result == -Errno.EEXIST)
        {
            file.Dispose();
            Remove(directory, name);
            result = Inodes.Open(directory, name, Flags | Inodes.NoFollow, entry.Mode & 0x1FF, out file);
        }

        using (file)
        {
            Require(result, "openat", name);
            if (entry.Sparse is null)
            {
                for (var piece = archive.ReadContent(); !piece.IsEmpty; piece = archive.ReadContent())
                    Require(Inodes.Write(file, piece), "write", name);
            }
            else
            {
                WriteSparse(entry, file, name, archive);
            }

            // Order matters: chown(2) takes away set-id bits and capabilities.
            if (entry.Uid != 0 || entry.Gid != 0 || _setGidSeen)
                Require(Inodes.ChangeOwner(file, entry.Uid, entry.Gid), "fchown", name);
            if ((entry.Mode & (_umask | SetIdAndSticky)) != 0)
                Require(Inodes.ChangeMode(file, entry.Mode), "fchmod", name);
            foreach (var (key, value) in Attributes(entry))
                RequireAttribute(Xattrs.Set(file, key, value), key, name);
            Require(Inodes.SetTimes(file, entry.Accessed ?? entry.Modified, entry.Modified), "futimens", name);
        }

        SizeBytes += entry.Size;
    }

    private static void WriteSparse(TarEntry entry, Fd file, byte[] name, TarReader archive)
    {
        Require(Inodes.SetLength(file, entry.Size), "ftruncate", name);
        var piece = ReadOnlySpan<byte>.Empty;
        foreach (var run in entry.Sparse!)
        {
            Require(Inodes.Seek(file, run.Offset), "lseek", name);
            for (var left = run.Length; left > 0;)
            {
                if (piece.IsEmpty)
                    piece = archive.ReadContent();
                var length = (int)Math.Min(piece.Length, left);
                Require(Inodes.Write(file, piece[..length]), "write", name);
                piece = piece[length..];
                left -= length;
            }
        }
    }

    private void WriteLink(TarEntry entry, Fd directory, byte[] name)
    {
        var target = RawPath.Clean(entry.LinkName);
        if (target.Length == 0)
            throw TarErrors.Refused(entry.Name, "it is a hard link to the root directory");
        var targetName = RawPath.Bytes(RawPath.Name(target));
        var targetDirectory = _directories.Find(RawPath.Parent(target));
        var targetThere = targetDirectory is not null && Inodes.Status(targetDirectory, targetName, out var status) == 0 && !status.IsWhiteout;
        if (!targetThere)
        {
            // The target is in a layer below: it is copied up, as overlayfs does for link(2).
            if (_lower is null)
                throw new NeedsLowerException();
            if (_lower.Find(target) is not { Status.IsRegular: true } below)
                throw TarErrors.Refused(entry.Name, $"it is a hard link to \"{TarErrors.Printable(entry.LinkName)}\", which is not there");
            targetDirectory = _directories.Ensure(RawPath.Parent(target));
            below.CopyTo(targetDirectory, targetName);
            SizeBytes += below.Status.Size;
        }

        // NOTE: finding the target may have closed the directory that the link goes into.
        directory = _directories.Ensure(RawPath.Parent(RawPath.Clean(entry.Name)));
        targetDirectory = _directories.Find(RawPath.Parent(target)) ?? throw TarErrors.Refused(entry.Name, "its target's directory is gone");
        var made = Inodes.MakeLink(targetDirectory, targetName, directory, name);
        if (made == -Errno.EEXIST)
        {
            if (RawPath.Clean(entry.Name) == target)
                return;
            Remove(directory, name);
            targetDirectory = _directories.Find(RawPath.Parent(target)) ?? throw TarErrors.Refused(entry.Name, "it replaces its own target");
            made = Inodes.MakeLink(targetDirectory, targetName, directory, name);
        }

        if (made == -Errno.EPERM)
            throw TarErrors.Refused(entry.Name, "it is a hard link to a directory");
        Require(made, "linkat", name);
    }

    // Makes something that is not a directory; what this layer had there before is replaced.
    private void Create(Func<int> create, string call, Fd directory, byte[] name)
    {
        var made = create();
        if (made == -Errno.EEXIST)
        {
            Remove(directory, name);
            made = create();
        }

        Require(made, call, name);
    }

    private void Remove(Fd directory, byte[] name)
    {
        var removed = Inodes.Unlink(directory, name);
        if (removed is -Errno.EISDIR or -Errno.EPERM)
            removed = Trees.Remove(directory, name);
        Require(removed, "unlinkat", name);
        // What was replaced may have been a directory, or a link on the way to one.
        _directories.ForgetAllBut(directory);
    }

    private static void ApplyByName(TarEntry entry, Fd directory, byte[] name)
    {
        Require(Inodes.ChangeOwner(directory, name, entry.Uid, entry.Gid), "fchownat", name);
        if (entry.Kind != TarEntryKind.Symlink)
            Require(Inodes.ChangeMode(directory, name, entry.Mode), "fchmodat", name);
        foreach (var (key, value) in Attributes(entry))
            RequireAttribute(Xattrs.Set(directory, name, key, value), key, name);
    }

    private static IEnumerable<KeyValuePair<string, byte[]>> Attributes(TarEntry entry) =>
        entry.Xattrs is null ? [] : entry.Xattrs.Where(x => !OverlayMarks.IsOverlays(x.Key));

    // What the filesystem cannot hold is left out, as Docker does: a label or ACL, seldom needed.
    private static void RequireAttribute(int result, string key, byte[] name)
    {
        if (result is -Errno.EOPNOTSUPP or -Errno.EPERM)
            return;
        Require(result, $"setxattr {key} of", name);
    }

    private void RequireSpace(TarEntry entry)
    {
        var free = new DriveInfo(_rootPath).AvailableFreeSpace;
        if (entry.StoredSize > free)
            throw GantryException.Of(ErrorKind.Exhausted, $"no space left on device: \"{TarErrors.Printable(entry.Name)}\" has {entry.StoredSize} bytes, {free} are free");
    }
}
