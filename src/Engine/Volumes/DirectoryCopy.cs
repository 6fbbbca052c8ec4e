using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Volumes;

/// <summary>
/// Copies a directory's content, by descriptors only: the source is an image's and hostile, and another container may already
/// be at work in the target. Kept are owner, mode, times, extended attributes, symbolic and hard links, holes, devices.
/// </summary>
internal sealed class DirectoryCopy
{
    private const int BufferBytes = 128 << 10;

    // Overlayfs keeps its own marks there; they mean nothing, or something else, outside of a layer.
    private const string OverlayAttributes = "trusted.overlay.";

    private readonly Fd _target;
    private readonly IdMap _ids;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Dictionary<(uint Major, uint Minor, ulong Inode), List<byte[]>> _linked = [];

    private DirectoryCopy(Fd target, IdMap ids) => (_target, _ids) = (target, ids);

    /// <summary>Copies what a directory holds into an empty one, which gets its owner, mode and times, too.</summary>
    /// <param name="ids">How the source's owners are numbered in the target.</param>
    /// <exception cref="GantryException">Exhausted: no space left. Invalid: an owner has no number there. Internal: the kernel refuses.</exception>
    public static void Copy(Fd source, Fd target, IdMap ids) => new DirectoryCopy(target, ids).Directory(source, target, []);

    private void Directory(Fd source, Fd target, List<byte[]> path)
    {
        if (path.Count > DirectoryTree.DepthLimit)
            throw GantryException.Of(ErrorKind.Invalid, $"the image's directories are nested deeper than {DirectoryTree.DepthLimit}: they are not copied into a volume");
        foreach (var name in DirectoryTree.List(source))
        {
            Check("read", name, Inodes.Status(source, name, out var status));
            List<byte[]> inner = [.. path, name];
            if (status.IsDirectory)
            {
                Check("make", name, Inodes.MakeDirectory(target, name, 0x1C0 /* 0700 until it is complete */));
                using var from = DirectoryTree.OpenDirectory(source, name);
                using var to = DirectoryTree.OpenDirectory(target, name);
                Directory(from, to, inner);
            }
            else if (!Link(status, target, inner))
            {
                Entry(source, target, name, status);
            }
        }

        Check("read", Inodes.Empty, Inodes.Status(source, Inodes.Empty, out var own));
        Attributes(source, Inodes.Empty, target, own);
    }

    /// <summary>Makes a further name of a file that was copied before; false when it is the first.</summary>
    private bool Link(InodeStatus status, Fd target, List<byte[]> path)
    {
        if (status.Links < 2)
            return false;
        var (major, minor) = status.FileSystem;
        if (_linked.TryAdd((major, minor, status.Inode), path))
            return false;

        // Walked again from the top, without links: somebody in the target may have exchanged a directory for one.
        var first = _linked[(major, minor, status.Inode)];
        Fd? parent = null;
        try
        {
            foreach (var step in first.SkipLast(1))
            {
                var next = DirectoryTree.OpenDirectory(parent ?? _target, step);
                parent?.Dispose();
                parent = next;
            }

            Check("link", path[^1], Inodes.MakeLink(parent ?? _target, first[^1], target, path[^1]));
            return true;
        }
        finally
        {
            parent?.Dispose();
        }
    }

    private void Entry(Fd source, Fd target, byte[] name, InodeStatus status)
    {
        switch (status.Kind)
        {
            case InodeStatus.KindRegular:
                File(source, target, name, status);
                break;
            case InodeStatus.KindSymlink:
                var length = Inodes.ReadLink(source, name, _buffer);
                Check("read", name, length);
                Check("make", name, Inodes.MakeSymlink([.. _buffer.AsSpan(0, length), 0], target, name));
                Check("change", name, Inodes.ChangeOwner(target, name, Uid(status), Gid(status)));
                Check("change", name, Inodes.SetTimes(target, name, status.Accessed, status.Modified));
                break;
            case InodeStatus.KindSocket:
                // Nobody listens at a copy.
                break;
            default:
                var (major, minor) = status.Device;
                Check("make", name, Inodes.MakeNode(target, name, status.Kind | 0x180, major, minor));
                Check("change", name, Inodes.ChangeOwner(target, name, Uid(status), Gid(status)));
                Check("change", name, Inodes.ChangeMode(target, name, status.Permissions));
                Check("change", name, Inodes.SetTimes(target, name, status.Accessed, status.Modified));
                break;
        }
    }

    private void File(Fd source, Fd target, byte[] name, InodeStatus status)
    {
        // NonBlocking: what was a file may be a pipe by now, and opening that would wait for ever.
        Check("open", name, Inodes.Open(source, name, Inodes.ReadOnly | Inodes.NoFollow | Inodes.NonBlocking | Inodes.CloseOnExec, 0, out var from));
        using (from)
        {
            Check("make", name, Inodes.Open(target, name, Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive | Inodes.NoFollow | Inodes.CloseOnExec, 0x180, out var to));
            using (to)
            {
                Content(from, to, name);
                Attributes(source, name, to, status);
            }
        }
    }

    private void Content(Fd from, Fd to, byte[] name)
    {
        var offset = 0L;
        var hole = false;
        while (true)
        {
            var read = Inodes.ReadAt(from, _buffer, offset);
            Check("read", name, read);
            if (read == 0)
                break;
            // Databases prepare files of zeros; those stay holes.
            hole = !_buffer.AsSpan(0, read).ContainsAnyExcept((byte)0);
            if (!hole)
            {
                Check("write", name, Inodes.Seek(to, offset));
                Check("write", name, Inodes.Write(to, _buffer.AsSpan(0, read)));
            }

            offset += read;
        }

        if (hole)
            Check("write", name, Inodes.SetLength(to, offset));
    }

    // In this order: a new owner clears set-id bits and file capabilities, and each write the times.
    private void Attributes(Fd source, ReadOnlySpan<byte> name, Fd target, InodeStatus status)
    {
        Check("change", name, Inodes.ChangeOwner(target, Uid(status), Gid(status)));
        Check("change", name, Inodes.ChangeMode(target, status.Permissions));
        foreach (var attribute in Xattrs.List(source, name))
        {
            if (attribute.StartsWith(OverlayAttributes, StringComparison.Ordinal) || Xattrs.Find(source, name, attribute) is not { } value)
                continue;
            var result = Xattrs.Set(target, attribute, FileCapabilities.ToHost(attribute, value, _ids));
            // A file system without such attributes loses them; everything else would lose them without a word.
            if (result < 0 && result != -Errno.EOPNOTSUPP)
                Check("change", name, result);
        }

        Check("change", name, Inodes.SetTimes(target, status.Accessed, status.Modified));
    }

    private uint Uid(in InodeStatus status) => _ids.HostUid(status.Uid) ?? throw Unmapped("user", status.Uid);

    private uint Gid(in InodeStatus status) => _ids.HostGid(status.Gid) ?? throw Unmapped("group", status.Gid);

    private static GantryException Unmapped(string kind, uint id) =>
        GantryException.Of(ErrorKind.Invalid, $"the image has files of {kind} {id}, for whom --userns-remap has no id: give its user a larger range in /etc/sub{kind[0]}id, or run the container with --userns=host");

    private static void Check(string what, ReadOnlySpan<byte> name, int result)
    {
        if (result < 0)
            throw DirectoryTree.Refused(what, name, result);
    }
}
