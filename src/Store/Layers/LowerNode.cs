using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>A file of a lower layer. Valid while its chain is open.</summary>
internal sealed class LowerNode(Fd layer, string path, InodeStatus status)
{
    private readonly byte[] _name = RawPath.Bytes(path);

    public InodeStatus Status => status;

    /// <summary>Where a symbolic link points.</summary>
    public string LinkTarget()
    {
        var buffer = new byte[RawPath.Longest];
        var length = Inodes.ReadLink(layer, _name, buffer);
        return length < 0 ? throw new SyscallException("readlink", -length, path) : Encoding.Latin1.GetString(buffer, 0, length);
    }

    /// <summary>Gives a name in a directory this file's mode, owner, attributes and times. It must not be a symbolic link.</summary>
    public void CopyMetadataTo(Fd directory, ReadOnlySpan<byte> name)
    {
        Require(Inodes.ChangeOwner(directory, name, status.Uid, status.Gid));
        Require(Inodes.ChangeMode(directory, name, status.Permissions));
        foreach (var xattr in Xattrs.List(layer, _name).Where(x => !OverlayMarks.IsOverlays(x)))
        {
            if (Xattrs.Find(layer, _name, xattr) is { } value)
                Xattrs.Set(directory, name, xattr, value);
        }

        Require(Inodes.SetTimes(directory, name, status.Accessed, status.Modified));
    }

    /// <summary>Copies this regular file's content to a new name in a directory, as overlayfs copies up.</summary>
    public void CopyTo(Fd directory, ReadOnlySpan<byte> name)
    {
        Require(Inodes.OpenResolved(layer, _name, Inodes.ReadOnly | Inodes.NoFollow, 0, Inodes.Beneath | Inodes.NoSymlinks, out var source));
        using (source)
        {
            Require(Inodes.Open(directory, name, Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive | Inodes.NoFollow, 0x180, out var target));
            using (target)
            {
                var buffer = new byte[256 << 10];
                long at = 0;
                while (true)
                {
                    var read = Inodes.ReadAt(source, buffer, at);
                    Require(read);
                    if (read == 0)
                        break;
                    Require(Inodes.Write(target, buffer.AsSpan(0, read)));
                    at += read;
                }
            }
        }

        CopyMetadataTo(directory, name);
    }

    private void Require(int result)
    {
        if (result < 0)
            throw new SyscallException("copy up", -result, path);
    }
}
