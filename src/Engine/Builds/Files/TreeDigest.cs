using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Digests of parts of trees: names, types, modes, owners, link targets and data; never times.</summary>
/// <remarks>What a file held is remembered by its inode and its change time, which nobody can set.</remarks>
internal sealed class TreeDigest
{
    private const int MostRemembered = 200_000;
    private const int BufferBytes = 256 << 10;

    private readonly ConcurrentDictionary<(uint Major, uint Minor, ulong Inode, FileTime Changed, long Size), byte[]> _known = new();

    /// <summary>The digest of a selection.</summary>
    /// <param name="ownedByRoot">Whether owners count as root's, and extended attributes as none.</param>
    /// <param name="seen">Is told of each file; null: nobody asks.</param>
    /// <exception cref="GantryException">NotFound: a path without wildcards is not there.</exception>
    public Digest Of(Fd root, ContentSelection selection, bool ownedByRoot, SeenFiles? seen, CancellationToken cancellationToken)
    {
        var excludes = selection.Excludes.Count == 0 ? null : PatternMatcher.Parse(selection.Excludes);
        using var key = new KeyWriter();
        try
        {
            foreach (var source in selection.Paths)
            {
                foreach (var path in SourcePaths.Find(root, source, selection.HasWildcards))
                {
                    using var file = SourcePaths.Open(root, path, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
                    // A directory's own name does not matter, for its content is copied; a file's does.
                    key.Add(path.IsDirectory ? "" : RawPath.Name(path.Written));
                    seen?.Enter(path.Resolved);
                    Add(key, file, Inodes.Empty.ToArray(), "", excludes, default, ownedByRoot, seen, cancellationToken);
                }
            }
        }
        catch (SyscallException failure)
        {
            throw GantryException.During("read what a step copies", failure);
        }

        return key.Finish();
    }

    /// <summary>A file whose content is known got another change time, by nothing that changed its content.</summary>
    public void Renew(in InodeStatus before, in InodeStatus now)
    {
        if (_known.TryRemove(IdOf(before), out var known))
            _known[IdOf(now)] = known;
    }

    private void Add(KeyWriter key, Fd parent, byte[] name, string path, PatternMatcher? excludes, PathMatch excluded, bool ownedByRoot, SeenFiles? seen, CancellationToken cancellationToken)
    {
        Require(Inodes.Status(parent, name, out var status), "statx", path);
        key.Add((long)status.Mode);
        if (!ownedByRoot)
            AddOwnership(key, parent, name, status);
        ReadOnlySpan<byte> content = [];
        switch (status.Kind)
        {
            case InodeStatus.KindDirectory:
                AddDirectory(key, parent, name, path, excludes, excluded, ownedByRoot, seen, cancellationToken);
                break;
            case InodeStatus.KindRegular:
                content = ContentOf(parent, name, path, status);
                key.Add(content);
                break;
            case InodeStatus.KindSymlink:
                var target = new byte[RawPath.Longest];
                var length = Inodes.ReadLink(parent, name, target);
                Require(length, "readlinkat", path);
                content = target.AsSpan(0, length);
                key.Add(content);
                break;
            default:
                key.Add(status.Device.Major).Add(status.Device.Minor);
                break;
        }

        seen?.Add(path, status, content, ownedByRoot);
    }

    private void AddDirectory(KeyWriter key, Fd parent, byte[] name, string path, PatternMatcher? excludes, PathMatch excluded, bool ownedByRoot, SeenFiles? seen, CancellationToken cancellationToken)
    {
        // The descriptor itself, or a name in it.
        Require(Inodes.Open(parent, name.Length == 1 ? ".\0"u8 : name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory), "open", path);
        using (directory)
        {
            var names = new List<byte[]>();
            Require(Inodes.List(directory, names), "getdents", path);
            names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
            foreach (var entry in names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var here = RawPath.Join(path, Encoding.UTF8.GetString(entry.AsSpan(..^1)));
                var match = excludes?.Match(here, excluded) ?? default;
                // What is left out but may hold something that is not counts as a directory of its own.
                if (match.IsMatch && !(excludes!.MayHoldException(here) && Inodes.Status(directory, entry, out var status) == 0 && status.IsDirectory))
                    continue;
                key.Add(entry);
                Add(key, directory, entry, here, excludes, match, ownedByRoot, seen, cancellationToken);
            }

            key.Add(-1);
        }
    }

    private static void AddOwnership(KeyWriter key, Fd parent, byte[] name, in InodeStatus status)
    {
        key.Add(status.Uid).Add(status.Gid);
        if (status.IsSymlink)
            return;
        foreach (var attribute in Xattrs.List(parent, name).Where(a => !a.StartsWith("trusted.overlay.", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            key.Add(attribute).Add(Xattrs.Find(parent, name, attribute) ?? []);
    }

    private byte[] ContentOf(Fd parent, byte[] name, string path, in InodeStatus status)
    {
        var id = IdOf(status);
        if (_known.TryGetValue(id, out var known))
            return known;
        var digest = Read(parent, name, path);
        if (_known.Count >= MostRemembered)
            _known.Clear();
        return _known[id] = digest;
    }

    private static (uint Major, uint Minor, ulong Inode, FileTime Changed, long Size) IdOf(in InodeStatus status) =>
        (status.FileSystem.Major, status.FileSystem.Minor, status.Inode, status.Changed, status.Size);

    private static byte[] Read(Fd parent, byte[] name, string path)
    {
        Fd file;
        if (name.Length == 1)
            file = Files.Open(parent.ProcPath, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
        else
            Require(Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.NoFollow | Inodes.NonBlocking, 0, out file), "open", path);
        using (file)
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        using (var output = new HashedOutput(hash))
        {
            var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                for (long offset = 0; ;)
                {
                    var read = Inodes.ReadAt(file, buffer, offset);
                    Require(read, "read", path);
                    if (read == 0)
                    {
                        output.Finish();
                        return hash.GetHashAndReset();
                    }

                    output.Write(buffer.AsSpan(0, read));
                    offset += read;
                }
            }
            finally
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static void Require(int result, string call, string path)
    {
        if (result < 0)
            throw new SyscallException(call, -result, "/" + path);
    }
}
