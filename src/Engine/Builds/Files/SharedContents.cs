using System.Globalization;
using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Builds;

/// <summary>
/// Large files of a client's directory that a step copies as they are: instead of their content being copied, they get another
/// name in the layer. Nobody writes into either: the directory's files are replaced when they change, and a layer's are copied
/// by overlayfs first.
/// </summary>
/// <remarks>
/// No name can be made across mounts, so each copy begins as an empty file in the mounted tree, and the file takes its place in
/// the writable layer when that is mounted no more. Until then it is held by a name of its own beside the layer.
/// </remarks>
/// <param name="upper">The writable layer's directory.</param>
/// <param name="root">The tree that it is mounted in, open until <see cref="Place"/>.</param>
/// <param name="digests">Knows the files by their change times, which another name changes.</param>
internal sealed class SharedContents(string upper, Fd root, TreeDigest digests)
{
    // Below it, a copy costs no more than the names.
    private const long SmallestBytes = 1 << 20;

    private readonly Dictionary<(ulong Directory, string Name), Entry> _entries = [];
    private readonly HashSet<ulong> _inodes = [];

    /// <summary>Takes a file that was copied without its content; false: its content must be copied, too.</summary>
    /// <param name="to">The directory in the tree that the copy is in.</param>
    public bool TryTake(Fd from, byte[] name, in InodeStatus status, Fd to, byte[] target)
    {
        // Two copies of one file are two files; and what has other names in the tree may get them in the layer, too.
        if (status.Size < SmallestBytes || status.Links > 1 || status.Uid != 0 || status.Gid != 0 || _inodes.Contains(status.Inode))
            return false;
        if (Inodes.Status(to, Inodes.Empty, out var directory) < 0 || PathBelow(to) is not { } path)
            return false;
        var held = Path.Combine(Path.GetDirectoryName(upper)!, "content-" + _inodes.Count.ToString(CultureInfo.InvariantCulture));
        if (Inodes.MakeLink(from, name, null, Raw(held)) < 0)
            return false;
        if (Inodes.Status(null, Raw(held), out var linked) < 0 || linked.Inode != status.Inode || !linked.IsRegular)
        {
            _ = Inodes.Unlink(null, Raw(held));
            return false;
        }

        _inodes.Add(status.Inode);
        _entries[(directory.Inode, KeyOf(target))] = new(held, path, target, status);
        return true;
    }

    /// <summary>Something else takes the place of a copy.</summary>
    public void Forget(Fd to, byte[] target)
    {
        if (_entries.Count > 0 && Inodes.Status(to, Inodes.Empty, out var directory) == 0 && _entries.Remove((directory.Inode, KeyOf(target)), out var entry))
            _ = Inodes.Unlink(null, Raw(entry.Held));
    }

    /// <summary>Puts the files in their places; nothing is mounted on the layer any more.</summary>
    /// <exception cref="SyscallException">One cannot be put there.</exception>
    public void Place()
    {
        if (_entries.Count == 0)
            return;
        using var layer = Files.Open(upper, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        foreach (var entry in _entries.Values)
        {
            Require(Inodes.OpenResolved(layer, Raw(entry.Path.Length == 0 ? "." : entry.Path), Inodes.ReadOnly | Inodes.Directory, 0, Inodes.Beneath | Inodes.NoSymlinks, out var directory), "openat2", entry);
            using (directory)
            {
                Require(Inodes.Status(directory, Inodes.Empty, out var before), "statx", entry);
                Require(Inodes.Status(directory, entry.Name, out var copy), "statx", entry);
                if (!copy.IsRegular || copy.Size != 0)
                    throw new InvalidOperationException($"\"{Shown(entry)}\" is not the copy that was made without content");
                Require(Inodes.Rename(null, Raw(entry.Held), directory, entry.Name), "renameat", entry);
                Require(Inodes.SetTimes(directory, FileTime.Omit, before.Modified), "futimens", entry);
                if (Inodes.Status(directory, entry.Name, out var now) == 0)
                    digests.Renew(entry.Status, now);
            }
        }
    }

    private string? PathBelow(Fd directory)
    {
        var above = new FileInfo(root.ProcPath).LinkTarget;
        var path = new FileInfo(directory.ProcPath).LinkTarget;
        if (above is null || path is null || !(path + "/").StartsWith(above.TrimEnd('/') + "/", StringComparison.Ordinal) || path.Contains('\uFFFD', StringComparison.Ordinal))
            return null;
        return path[above.TrimEnd('/').Length..].Trim('/');
    }

    private static string KeyOf(byte[] name) => Encoding.Latin1.GetString(name);

    private static byte[] Raw(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    private static string Shown(Entry entry) => RawPath.Join(entry.Path, TarErrors.Printable(entry.Name.AsSpan(..^1)));

    private static void Require(int result, string call, Entry entry)
    {
        if (result < 0)
            throw new SyscallException(call, -result, Shown(entry));
    }

    private sealed record Entry(string Held, string Path, byte[] Name, InodeStatus Status);
}
