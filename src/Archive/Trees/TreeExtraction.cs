using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Archive;

/// <summary>
/// Unpacks an archive into a tree that somebody hostile may be changing meanwhile: a running container's root filesystem.
/// </summary>
/// <remarks>
/// Every entry's directory is opened by the kernel with RESOLVE_IN_ROOT below the tree's root, and the entry is made in it
/// by one component that is never followed: exchanging directories for symbolic links (CVE-2018-15664) leads to another
/// place of the same tree at most. No program or library of the tree is run or loaded (CVE-2019-14271).
/// What counts when an entry meets something that exists: moby pkg/archive/archive.go, Unpack.
/// </remarks>
public sealed class TreeExtraction : IDisposable
{
    private const ulong InTree = Inodes.InRoot | Inodes.NoMagicLinks;
    private const uint Rwxr_xr_x = 0x1ED;

    // Somebody who makes a name again as quickly as it is removed does not keep us for ever.
    private const int MostAttempts = 32;

    private readonly Fd _root;
    private readonly string _destination;
    private readonly ExtractionOptions _options;
    private readonly List<(string Path, FileTime Modified)> _directoryTimes = [];
    private string? _lastPath;
    private Fd? _last;

    /// <summary>Prepares to unpack.</summary>
    /// <param name="root">The tree's root; what is absolute, and "..", means this directory. Stays the caller's.</param>
    /// <param name="destination">The directory to unpack into, from the root; it must exist.</param>
    public TreeExtraction(Fd root, string destination, ExtractionOptions options)
    {
        _root = root;
        // One character for each byte, as RawPath has it.
        _destination = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(destination.Trim('/')));
        _options = options;
    }

    /// <summary>Bytes of file content unpacked so far.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>Unpacks all entries.</summary>
    /// <exception cref="GantryException">Invalid: damaged, or an entry cannot be unpacked there. Exhausted: no space left. Forbidden: read-only.</exception>
    public void Write(TarReader archive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(archive);
        while (archive.Next() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _options.Rewrite?.Invoke(entry);
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
        foreach (var (path, modified) in _directoryTimes)
        {
            if (Open(RawPath.Parent(path), out var parent) < 0)
                continue;
            using (parent)
                _ = Inodes.SetTimes(parent!, RawPath.Bytes(RawPath.Name(path)), FileTime.Omit, modified);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _last?.Dispose();

    private static GantryException Explain(TarEntry entry, SyscallException e)
    {
        var name = TarErrors.Printable(entry.Name);
        return e.Number switch
        {
            Errno.ENOSPC or Errno.EDQUOT => GantryException.Of(ErrorKind.Exhausted, $"no space left on device while unpacking \"{name}\"", cause: e),
            Errno.EROFS => GantryException.Of(ErrorKind.Forbidden, $"cannot unpack \"{name}\": it would go to a file system that is mounted read-only", cause: e),
            Errno.EACCES or Errno.EPERM => GantryException.Of(ErrorKind.Forbidden, $"cannot unpack \"{name}\": {e.Call}: {Errno.Text(e.Number)} ({Errno.Name(e.Number)})", cause: e),
            _ => GantryException.Of(ErrorKind.Invalid, $"cannot unpack \"{name}\": {e.Call}: {Errno.Text(e.Number)} ({Errno.Name(e.Number)})", cause: e),
        };
    }

    private static void Require(int result, string call)
    {
        if (result < 0)
            throw new SyscallException(call, -result);
    }

    private void Write(TarEntry entry, TarReader archive)
    {
        var path = RawPath.Clean(entry.Name);
        // The destination itself is there and stays as it is.
        if (path.Length == 0)
            return;
        var parent = Ensure(RawPath.Parent(path));
        var name = RawPath.Bytes(RawPath.Name(path));
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                WriteDirectory(entry, parent, name, path);
                return;
            case TarEntryKind.File:
                WriteFile(entry, parent, name, archive);
                return;
            case TarEntryKind.HardLink:
                WriteLink(entry, parent, name);
                return;
            case TarEntryKind.Symlink:
                if (entry.LinkName.Length == 0)
                    throw TarErrors.Refused(entry.Name, "it is a link to nowhere");
                byte[] target = [.. entry.LinkName, 0];
                Make(entry, parent, name, "symlinkat", () => Inodes.MakeSymlink(target, parent, name));
                SetOwner(entry, parent, name);
                break;
            default:
                var kind = entry.Kind switch { TarEntryKind.Fifo => InodeStatus.KindFifo, TarEntryKind.BlockDevice => InodeStatus.KindBlockDevice, _ => InodeStatus.KindCharacterDevice };
                Make(entry, parent, name, "mknodat", () => Inodes.MakeNode(parent, name, kind | entry.Mode, entry.DeviceMajor, entry.DeviceMinor));
                Require(Inodes.Open(parent, name, Inodes.PathOnly | Inodes.NoFollow, 0, out var node), "openat");
                using (node)
                {
                    SetOwner(entry, node, Inodes.Empty);
                    Require(Inodes.ChangeModeOf(node, entry.Mode), "fchmod");
                }

                break;
        }

        SetAttributes(entry, parent, name);
        Require(Inodes.SetTimes(parent, name, FileTime.Omit, entry.Modified), "utimensat");
    }

    private void WriteDirectory(TarEntry entry, Fd parent, byte[] name, string path)
    {
        for (var attempt = 0; ; attempt++)
        {
            var made = Inodes.MakeDirectory(parent, name, Rwxr_xr_x);
            if (made is not (0 or -Errno.EEXIST))
                Require(made, "mkdirat");
            var result = Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
            using (directory)
            {
                if (result == 0)
                {
                    SetOwner(entry, directory, Inodes.Empty);
                    Require(Inodes.ChangeMode(directory, entry.Mode), "fchmod");
                    break;
                }
            }

            if (result is not (-Errno.ENOTDIR or -Errno.ELOOP or -Errno.ENOENT) || attempt == MostAttempts)
                Require(result, "openat");
            if (_options.KeepDirectories && result != -Errno.ENOENT)
                throw GantryException.Of(ErrorKind.Invalid, $"cannot overwrite non-directory \"{Place(path)}\" with directory \"{TarErrors.Printable(entry.Name)}\"");
            Require(Unlink(parent, name), "unlinkat");
        }

        SetAttributes(entry, parent, name);
        _directoryTimes.Add((path, entry.Modified));
    }

    private void WriteFile(TarEntry entry, Fd parent, byte[] name, TarReader archive)
    {
        const int Flags = Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive;
        var file = new Fd();
        var busy = false;
        Make(entry, parent, name, "openat", () => Inodes.Open(parent, name, Flags | Inodes.NoFollow, entry.Mode & 0x1FF, out file), () =>
        {
            // Something is mounted on the name (/etc/hosts): the file that is seen there is filled anew.
            busy = true;
            return Inodes.Open(parent, name, Inodes.WriteOnly | Inodes.NoFollow | Inodes.NonBlocking, 0, out file);
        });
        using (file)
        {
            if (busy)
            {
                Require(Inodes.Status(file, Inodes.Empty, out var status), "statx");
                Require(status.IsRegular ? Inodes.SetLength(file, 0) : -Errno.EBUSY, "unlinkat");
            }

            if (entry.Sparse is null)
            {
                for (var piece = archive.ReadContent(); !piece.IsEmpty; piece = archive.ReadContent())
                    Require(Inodes.Write(file, piece), "write");
            }
            else
            {
                WriteSparse(entry, file, archive);
            }

            // Order matters: chown(2) takes away set-id bits and capabilities.
            SetOwner(entry, file, Inodes.Empty);
            Require(Inodes.ChangeMode(file, entry.Mode), "fchmod");
            SetAttributes(entry, file);
            Require(Inodes.SetTimes(file, FileTime.Omit, entry.Modified), "futimens");
        }

        ContentBytes += entry.StoredSize;
    }

    private static void WriteSparse(TarEntry entry, Fd file, TarReader archive)
    {
        Require(Inodes.SetLength(file, entry.Size), "ftruncate");
        var piece = ReadOnlySpan<byte>.Empty;
        foreach (var run in entry.Sparse!)
        {
            Require(Inodes.Seek(file, run.Offset), "lseek");
            for (var left = run.Length; left > 0;)
            {
                if (piece.IsEmpty)
                    piece = archive.ReadContent();
                var length = (int)Math.Min(piece.Length, left);
                Require(Inodes.Write(file, piece[..length]), "write");
                piece = piece[length..];
                left -= length;
            }
        }
    }

    private void WriteLink(TarEntry entry, Fd parent, byte[] name)
    {
        var target = RawPath.Clean(entry.LinkName);
        if (target.Length == 0)
            throw TarErrors.Refused(entry.Name, "it is a hard link to the destination itself");
        Require(Open(RawPath.Parent(target), out var holder), "openat2");
        using (holder)
        {
            var targetName = RawPath.Bytes(RawPath.Name(target));
            if (RawPath.Clean(entry.Name) == target)
                return;
            Make(entry, parent, name, "linkat", () => Inodes.MakeLink(holder, targetName, parent, name));
        }
    }

    // Makes something that is not a directory in the place of whatever has the name.
    private void Make(TarEntry entry, Fd parent, byte[] name, string call, Func<int> make, Func<int>? whenBusy = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            var made = make();
            if (made >= 0)
                return;
            if (made != -Errno.EEXIST || attempt == MostAttempts)
                Require(made, call);
            if (_options.KeepDirectories && Inodes.Status(parent, name, out var status) == 0 && status.IsDirectory)
                throw GantryException.Of(ErrorKind.Invalid, $"cannot overwrite directory \"{Place(RawPath.Clean(entry.Name))}\" with non-directory \"{TarErrors.Printable(entry.Name)}\"");
            var removed = Unlink(parent, name);
            if (removed == -Errno.EBUSY && whenBusy is not null)
            {
                Require(whenBusy(), call);
                return;
            }

            Require(removed, "unlinkat");
        }
    }

    private int Unlink(Fd parent, byte[] name)
    {
        // What was replaced may be the directory that is kept open, or lead there.
        _lastPath = null;
        // NOTE: the kernel keeps a name that is mounted on only in the caller's own namespace; here the mount would go with it.
        return Inodes.Status(parent, name, out var status) == 0 && status.IsMountRoot ? -Errno.EBUSY : Trees.Remove(parent, name);
    }

    private void SetOwner(TarEntry entry, Fd directory, ReadOnlySpan<byte> name)
    {
        if (_options.Owner is null && !_options.WithOwners)
            return;
        var (uid, gid) = _options.Owner ?? (entry.Uid, entry.Gid);
        var map = MapOf(directory);
        Require(Inodes.ChangeOwner(directory, name, map.HostUid(uid) ?? throw Unmapped(entry, "user", uid), map.HostGid(gid) ?? throw Unmapped(entry, "group", gid)), "fchownat");
    }

    private static GantryException Unmapped(TarEntry entry, string kind, uint id) =>
        TarErrors.Refused(entry.Name, $"it belongs to {kind} {id}, whom the container's user namespace has no id for");

    // How owners are numbered where a file is; in the same mount as its directory.
    private IdMap MapOf(Fd place)
    {
        if (_options.Owners.IsPlain)
            return IdMap.Identity;
        Require(Inodes.Status(place, Inodes.Empty, out var status), "statx");
        return _options.Owners.Of(status);
    }

    private void SetAttributes(TarEntry entry, Fd parent, byte[] name)
    {
        if (entry.Xattrs is not { Count: > 0 } attributes)
            return;
        var map = MapOf(parent);
        foreach (var (key, value) in attributes)
            RequireAttribute(Xattrs.Set(parent, name, key, FileCapabilities.ToHost(key, value, map)));
    }

    private void SetAttributes(TarEntry entry, Fd file)
    {
        if (entry.Xattrs is not { Count: > 0 } attributes)
            return;
        var map = MapOf(file);
        foreach (var (key, value) in attributes)
            RequireAttribute(Xattrs.Set(file, key, FileCapabilities.ToHost(key, value, map)));
    }

    // What the filesystem or the user may not hold is left out, as Docker does: a label or ACL, seldom needed.
    private static void RequireAttribute(int result)
    {
        if (result is not (-Errno.EOPNOTSUPP or -Errno.EPERM))
            Require(result, "setxattr");
    }

    private string Place(string path) => "/" + TarErrors.Printable(RawPath.Bytes(RawPath.Join(_destination, path)).AsSpan(..^1));

    // The directory at a path below the destination, made with those above it when missing; closed by the next call.
    private Fd Ensure(string path)
    {
        if (path == _lastPath)
            return _last!;
        _last?.Dispose();
        (_last, _lastPath) = (null, null);
        var result = Open(path, out var directory);
        if (result == -Errno.ENOENT && path.Length > 0)
        {
            var missing = path;
            while (result == -Errno.ENOENT && missing.Length > 0)
            {
                missing = RawPath.Parent(missing);
                result = Open(missing, out directory);
                directory?.Dispose();
            }

            Require(result, "openat2");
            directory = MakeBelow(missing, path);
        }
        else
        {
            Require(result, "openat2");
        }

        (_last, _lastPath) = (directory, path);
        return directory!;
    }

    private Fd MakeBelow(string present, string path)
    {
        Require(Open(present, out var directory), "openat2");
        foreach (var component in path[present.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var parent = directory!;
            var made = Inodes.MakeDirectory(parent, RawPath.Bytes(component), Rwxr_xr_x);
            if (made != -Errno.EEXIST)
                Require(made, "mkdirat");
            present = RawPath.Join(present, component);
            Require(Open(present, out directory), "openat2");
            var map = MapOf(directory!);
            if (made == 0 && !map.IsIdentity)
                Require(Inodes.ChangeOwner(directory!, Inodes.Empty, map.Root.Uid, map.Root.Gid), "fchownat");
        }

        return directory!;
    }

    private int Open(string path, out Fd? directory)
    {
        var full = RawPath.Join(_destination, path);
        var result = Inodes.OpenResolved(_root, RawPath.Bytes(full.Length == 0 ? "." : full), Inodes.PathOnly | Inodes.Directory, 0, InTree, out var opened);
        directory = result < 0 ? null : opened;
        return result;
    }
}
