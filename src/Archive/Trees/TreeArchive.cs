using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Archive;

/// <summary>
/// Writes files and whole directories into an archive, by descriptors only: whoever may change the tree meanwhile (a
/// running container does) cannot lead the reader out of it. Kept are owners, modes, times, extended attributes, symbolic
/// and hard links, devices, fifos and holes; sockets are left out, as every archiver does.
/// </summary>
/// <remarks>Files whose size changes while they are read are cut, or filled up with zeros, to the size they had first.</remarks>
public sealed class TreeArchive(TarWriter writer, CancellationToken cancellationToken)
{
    /// <summary>Each level of a tree holds a descriptor while what is below it is written.</summary>
    public const int MostLevels = 500;

    // Holes smaller than this are cheaper written as zeros, which every reader of archives understands.
    private const long SmallestHole = 1 << 20;

    private readonly Dictionary<(uint Major, uint Minor, ulong Inode), byte[]> _written = [];
    private readonly byte[] _target = new byte[RawPath.Longest];

    /// <summary>Bytes of file content written so far.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>Whose the files are.</summary>
    public OwnerView Owners { get; init; } = OwnerView.Plain;

    /// <summary>Changes entries before they are written, or leaves them out (false): how layers turn overlayfs's marks into theirs.</summary>
    public Func<TarEntry, InodeStatus, bool>? Filter { get; init; }

    /// <summary>Asked for each name below a directory before anything of it is opened; false leaves it out, with all below it.</summary>
    public Func<byte[], InodeStatus, bool>? Choose { get; init; }

    /// <summary>Adds a name of a directory, with all below it.</summary>
    /// <param name="parent">The directory; may be opened with O_PATH.</param>
    /// <param name="name">One component, ending in NUL.</param>
    /// <param name="as">What the archive calls it, without a slash at its end.</param>
    /// <exception cref="SyscallException">It cannot be read.</exception>
    public void Add(Fd parent, ReadOnlySpan<byte> name, byte[] @as)
    {
        Require(Inodes.Status(parent, name, out var status), "statx", @as);
        Add(parent, name.ToArray(), @as, status, 0);
    }

    /// <summary>Adds a directory by its descriptor, with all below it.</summary>
    /// <param name="directory">May be opened with O_PATH.</param>
    /// <param name="as">What the archive calls it; empty for the archive's root.</param>
    /// <param name="itself">Whether it gets an entry of its own.</param>
    public void AddDirectory(Fd directory, byte[] @as, bool itself = true)
    {
        Require(Inodes.Open(directory, ".\0"u8, Inodes.ReadOnly | Inodes.Directory, 0, out var readable), "open", @as);
        using (readable)
        {
            Require(Inodes.Status(readable, Inodes.Empty, out var status), "statx", @as);
            if (itself)
                Begin(Entry(TarEntryKind.Directory, @as is [.., (byte)'/'] ? @as : [.. @as, (byte)'/'], status), status, readable, Inodes.Empty.ToArray());
            AddChildren(readable, @as, 0);
        }
    }

    private static TarEntry Entry(TarEntryKind kind, byte[] name, in InodeStatus status) => new()
    {
        Kind = kind,
        Name = name,
        Mode = status.Permissions,
        Uid = status.Uid,
        Gid = status.Gid,
        Modified = status.Modified,
    };

    private void AddChildren(Fd directory, byte[] path, int level)
    {
        if (level > MostLevels)
            throw GantryException.Of(ErrorKind.Invalid, $"\"{TarErrors.Printable(path)}\": directories are nested deeper than {MostLevels}, which cannot be archived");
        var names = new List<byte[]>();
        Require(Inodes.List(directory, names), "getdents", path);
        // In the order of their bytes, so that the same tree makes the same archive.
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        byte[] prefix = path.Length == 0 || path[^1] == (byte)'/' ? path : [.. path, (byte)'/'];
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What was removed since the directory was listed is not there any more: no error.
            if (Inodes.Status(directory, name, out var status) != 0)
                continue;
            byte[] below = [.. prefix, .. name.AsSpan(..^1)];
            if (Choose?.Invoke(below, status) != false)
                Add(directory, name, below, status, level + 1);
        }
    }

    private void Add(Fd parent, byte[] name, byte[] path, in InodeStatus status, int level)
    {
        switch (status.Kind)
        {
            case InodeStatus.KindDirectory:
                AddBelow(parent, name, path, level);
                break;
            case InodeStatus.KindRegular:
                AddFile(parent, name, path);
                break;
            case InodeStatus.KindSymlink:
                var length = Inodes.ReadLink(parent, name, _target);
                if (length == -Errno.ENOENT)
                    break;
                Require(length, "readlinkat", path);
                var link = Entry(TarEntryKind.Symlink, path, status);
                link.LinkName = _target[..length];
                Begin(link, status, parent, name);
                break;
            case InodeStatus.KindFifo:
                Begin(Entry(TarEntryKind.Fifo, path, status), status, parent, name);
                break;
            case InodeStatus.KindCharacterDevice:
            case InodeStatus.KindBlockDevice:
                var device = Entry(status.Kind == InodeStatus.KindBlockDevice ? TarEntryKind.BlockDevice : TarEntryKind.CharacterDevice, path, status);
                (device.DeviceMajor, device.DeviceMinor) = status.Device;
                Begin(device, status, parent, name);
                break;
        }
    }

    private void AddBelow(Fd parent, byte[] name, byte[] path, int level)
    {
        var result = Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
        using (directory)
        {
            if (Vanished(result))
                return;
            Require(result, "open", path);
            Require(Inodes.Status(directory, Inodes.Empty, out var status), "statx", path);
            Begin(Entry(TarEntryKind.Directory, [.. path, (byte)'/'], status), status, directory, Inodes.Empty.ToArray());
            AddChildren(directory, path, level);
        }
    }

    private void AddFile(Fd parent, byte[] name, byte[] path)
    {
        // NONBLOCK: should a fifo have taken the file's place, opening it must not wait for a writer.
        var result = Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.NoFollow | Inodes.NonBlocking, 0, out var file);
        using (file)
        {
            if (Vanished(result))
                return;
            Require(result, "open", path);
            Require(Inodes.Status(file, Inodes.Empty, out var status), "statx", path);
            if (!status.IsRegular)
                return;
            if (status.Links > 1)
            {
                var inode = (status.FileSystem.Major, status.FileSystem.Minor, status.Inode);
                if (_written.TryGetValue(inode, out var first))
                {
                    var link = Entry(TarEntryKind.HardLink, path, status);
                    link.LinkName = first;
                    Begin(link, status, null, []);
                    return;
                }

                _written[inode] = path;
            }

            var entry = Entry(TarEntryKind.File, path, status);
            entry.Size = entry.StoredSize = status.Size;
            if (status.Size - status.AllocatedBytes >= SmallestHole && FindRuns(file, status.Size) is { } runs)
            {
                entry.Sparse = runs;
                entry.StoredSize = runs.Sum(run => run.Length);
            }

            if (Begin(entry, status, parent, name))
                Copy(file, path, entry.Sparse ?? [new(0, entry.Size)]);
        }
    }

    // The stretches that have content; null when there are so many that a map of them is no gain.
    private static List<SparseRun>? FindRuns(Fd file, long size)
    {
        const int MostRuns = 10_000;
        var runs = new List<SparseRun>();
        for (long at = 0; at < size;)
        {
            var data = Inodes.NextData(file, at);
            if (data == -Errno.ENXIO)
                break;
            var hole = data < 0 ? data : Inodes.NextHole(file, data);
            if (hole < 0 || runs.Count == MostRuns)
                return null;
            if (data >= size)
                break;
            at = Math.Min(hole, size);
            runs.Add(new(data, at - data));
        }

        // GNU tar's readers take a file's length from its last stretch.
        if (runs.Count == 0 || runs[^1].Offset + runs[^1].Length < size)
            runs.Add(new(size, 0));
        return runs;
    }

    private void Copy(Fd file, byte[] path, List<SparseRun> runs)
    {
        foreach (var run in runs)
        {
            for (var at = run.Offset; at < run.Offset + run.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var free = writer.Free();
                if (free.Length > run.Offset + run.Length - at)
                    free = free[..(int)(run.Offset + run.Length - at)];
                var read = Inodes.ReadAt(file, free, at);
                Require(read, "read", path);
                if (read == 0)
                {
                    free.Clear();
                    read = free.Length;
                }

                writer.Advance(read);
                ContentBytes += read;
                at += read;
            }
        }
    }

    private bool Begin(TarEntry entry, in InodeStatus status, Fd? directory, byte[] name)
    {
        var map = Owners.IsPlain ? IdMap.Identity : Owners.Of(status);
        if (!map.IsIdentity)
            (entry.Uid, entry.Gid) = (map.InnerUid(status.Uid), map.InnerGid(status.Gid));
        if (directory is not null)
        {
            foreach (var key in Xattrs.List(directory, name))
            {
                // A label is the host's policy, not the file's.
                if (key is not "security.selinux" && Xattrs.Find(directory, name, key) is { } value)
                    (entry.Xattrs ??= []).Add(new(key, FileCapabilities.ToInner(key, value, map)));
            }
        }

        if (Filter?.Invoke(entry, status) == false)
            return false;
        writer.Begin(entry);
        return true;
    }

    private static bool Vanished(int result) => result is -Errno.ENOENT or -Errno.ELOOP or -Errno.ENOTDIR or -Errno.ENXIO;

    private static void Require(int result, string call, ReadOnlySpan<byte> path)
    {
        if (result < 0)
            throw new SyscallException(call, -result, TarErrors.Printable(path.TrimEnd((byte)0)));
    }
}
