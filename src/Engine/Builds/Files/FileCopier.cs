using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Copies single files with what belongs to them.</summary>
/// <param name="shared">Takes large files whose content need not be copied; null: all is copied.</param>
internal sealed class FileCopier(CopyRules rules, SharedContents? shared = null)
{
    private const int BufferBytes = 1 << 20;

    // Overlayfs keeps its own marks there; they mean nothing, or something else, in another layer.
    private const string OverlayAttributes = "trusted.overlay.";

    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <summary>Copies what is no directory; what is at the target is replaced.</summary>
    public void Copy(Fd from, byte[] name, Fd to, byte[] target, in InodeStatus status)
    {
        MakeRoom(to, target);
        switch (status.Kind)
        {
            case InodeStatus.KindRegular:
                Regular(from, name, to, target, status);
                break;
            case InodeStatus.KindSymlink:
                var length = Inodes.ReadLink(from, name, _buffer);
                Require(length, "readlinkat", name);
                Require(Inodes.MakeSymlink([.. _buffer.AsSpan(0, length), 0], to, target), "symlinkat", target);
                Require(Inodes.ChangeOwner(to, target, OwnerOf(status).Uid, OwnerOf(status).Gid), "fchownat", target);
                Require(Inodes.SetTimes(to, target, TimeOf(status.Accessed), TimeOf(status.Modified)), "utimensat", target);
                break;
            case InodeStatus.KindSocket:
                // Nobody listens at a copy.
                break;
            default:
                var (major, minor) = status.Device;
                Require(Inodes.MakeNode(to, target, status.Kind | 0x180, major, minor), "mknodat", target);
                Require(Inodes.ChangeOwner(to, target, OwnerOf(status).Uid, OwnerOf(status).Gid), "fchownat", target);
                Require(Inodes.ChangeMode(to, target, ModeOf(status)), "fchmodat", target);
                Require(Inodes.SetTimes(to, target, TimeOf(status.Accessed), TimeOf(status.Modified)), "utimensat", target);
                break;
        }
    }

    /// <summary>Removes what is at a place that a file is copied to.</summary>
    /// <exception cref="GantryException">Invalid: a directory is.</exception>
    public void MakeRoom(Fd to, byte[] target)
    {
        shared?.Forget(to, target);
        var removed = Inodes.Unlink(to, target);
        if (removed is -Errno.EISDIR or -Errno.EPERM)
            throw GantryException.Of(ErrorKind.Invalid, $"cannot replace to directory {Encoding.UTF8.GetString(target.AsSpan(..^1))} with file");
        if (removed != -Errno.ENOENT)
            Require(removed, "unlinkat", target);
    }

    /// <summary>Gives a copy what its source has. In this order: a new owner clears set-id bits and file capabilities, and each write the times.</summary>
    public void Attributes(Fd from, byte[] name, Fd target, in InodeStatus status)
    {
        var (uid, gid) = OwnerOf(status);
        Require(Inodes.ChangeOwner(target, uid, gid), "fchown", name);
        Require(Inodes.ChangeMode(target, ModeOf(status)), "fchmod", name);
        foreach (var attribute in Xattrs.List(from, name))
        {
            if (attribute.StartsWith(OverlayAttributes, StringComparison.Ordinal) || Xattrs.Find(from, name, attribute) is not { } value)
                continue;
            var result = Xattrs.Set(target, attribute, value);
            // A file system without such attributes loses them; everything else would lose them without a word.
            if (result is not -Errno.EOPNOTSUPP)
                Require(result, "fsetxattr", name);
        }

        Require(Inodes.SetTimes(target, TimeOf(status.Accessed), TimeOf(status.Modified)), "futimens", name);
    }

    /// <summary>Gives a directory, which need not be open for reading, the times of its source.</summary>
    public void Times(Fd directory, in InodeStatus status)
    {
        byte[] itself = [(byte)'.', 0];
        Require(Inodes.SetTimes(directory, itself, TimeOf(status.Accessed), TimeOf(status.Modified)), "utimensat", itself);
    }

    private FileTime TimeOf(FileTime own) => rules.Time is { } time ? new(time.ToUnixTimeSeconds(), 0) : own;

    private (uint Uid, uint Gid) OwnerOf(in InodeStatus status) => rules.Owner ?? (status.Uid, status.Gid);

    private uint ModeOf(in InodeStatus status) => rules.Mode is { } change ? ModeChange.Apply(change, status.Permissions, status.IsDirectory) : status.Permissions;

    private void Regular(Fd from, byte[] name, Fd to, byte[] target, in InodeStatus status)
    {
        // NonBlocking: what was a file may be a pipe by now, and opening that would wait for ever.
        Require(Inodes.Open(from, name, Inodes.ReadOnly | Inodes.NoFollow | Inodes.NonBlocking, 0, out var source), "open", name);
        using (source)
        {
            Require(Inodes.Open(to, target, Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive | Inodes.NoFollow, 0x180, out var copy), "open", target);
            using (copy)
            {
                if (shared?.TryTake(from, name, status, to, target) != true)
                    Content(source, copy, target, status.Size);
                Attributes(from, name, copy, status);
            }
        }
    }

    private void Content(Fd from, Fd to, byte[] name, long size)
    {
        var offset = 0L;
        // In the kernel, where both filesystems can; the rest by hand.
        while (offset < size)
        {
            var copied = Inodes.CopyRange(from, to, size - offset);
            if (copied <= 0)
                break;
            offset += copied;
        }

        while (true)
        {
            var read = Inodes.ReadAt(from, _buffer, offset);
            Require(read, "read", name);
            if (read == 0)
                return;
            Require(Inodes.Write(to, _buffer.AsSpan(0, read)), "write", name);
            offset += read;
        }
    }

    private static void Require(int result, string call, byte[] name)
    {
        if (result < 0)
            throw new SyscallException(call, -result, TarErrors.Printable(name.AsSpan().TrimEnd((byte)0).ToArray()));
    }
}
