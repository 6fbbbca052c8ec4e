using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Gantry.Archive;
using Gantry.Client;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Cli.Builds;

/// <summary>The directories of a build, sent as the engine asks for them. What is left out is not opened, and directories that are left out are not walked.</summary>
/// <remarks>The other side, with the protocol: <c>Gantry.Engine.Uploads.AskedDirectories</c>.</remarks>
internal sealed class ContextFiles(IReadOnlyList<BuildDirectory> directories, TimeProvider time) : IBuildFiles, IDisposable
{
    private const int PieceBytes = 256 << 10;

    private static readonly byte[] s_end = new byte[sizeof(uint)];

    private readonly byte[] _buffer = new byte[PieceBytes];
    private readonly List<MirrorEntry> _listed = [];
    private BuildDirectory? _directory;
    private TreeListing? _tree;

    /// <summary>Of contents that were sent.</summary>
    public long SentBytes { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Names => [.. directories.Select(static directory => directory.Name)];

    /// <inheritdoc/>
    /// <remarks>This machine, and which directories of it.</remarks>
    public string Key => string.Join('\n', [Environment.MachineName, Machine(), .. directories.Where(static directory => directory is { Path: not null, IsBeside: false }).Select(static directory => $"{directory.Name}={Place(directory.Path!)}")]);

    /// <inheritdoc/>
    public void WriteListing(string name, IReadOnlyList<string> excludes, IReadOnlyList<string> followPaths, Stream target)
    {
        _directory = directories.First(directory => directory.Name == name);
        _listed.Clear();
        var listing = new ArrayBufferWriter<byte>(PieceBytes);
        var writer = new ListingWriter(listing);
        foreach (var entry in _directory.Path is { } path ? OfTree(path, excludes, followPaths) : OfMemory(_directory))
        {
            writer.Add(entry);
            _listed.Add(entry);
            if (listing.WrittenCount >= PieceBytes / 2)
                Flush();
        }

        Flush();
        target.Write(s_end);

        void Flush()
        {
            WritePiece(listing.WrittenSpan, target);
            listing.ResetWrittenCount();
        }
    }

    /// <inheritdoc/>
    public void WriteFiles(IReadOnlyList<int> places, Stream target)
    {
        foreach (var place in places)
        {
            var entry = _listed[place];
            var now = _tree is null ? WriteMemory(entry, target) : WriteFile(_tree, entry, target);
            target.Write(s_end);
            // How it is by now; nothing: it is gone.
            var listing = new ArrayBufferWriter<byte>();
            if (now is not null)
                new ListingWriter(listing).Add(now);
            WritePiece(listing.WrittenSpan, target);
            target.Write(s_end);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tree?.Dispose();

    private IEnumerable<MirrorEntry> OfTree(string path, IReadOnlyList<string> excludes, IReadOnlyList<string> followPaths)
    {
        // The directory itself may be a link; those in it are sent as they are.
        var root = Path.Combine(path, ".");
        _tree?.Dispose();
        _tree = Open(root, PatternMatcher.Parse(excludes), followPaths);
        using var entries = _tree.List().GetEnumerator();
        while (Next(entries))
            yield return entries.Current.Entry;
    }

    private TreeListing Open(string root, PatternMatcher excludes, IReadOnlyList<string> followPaths)
    {
        try
        {
            using var plain = new TreeListing(root);
            return new TreeListing(root, excludes, FollowedPaths.Of(plain, followPaths)) { Unnameable = Refuse, WithAttributes = false };
        }
        catch (SyscallException e)
        {
            throw Unreadable(e.Subject is { Length: > 0 } subject && subject != root ? subject : ".", e);
        }
    }

    private bool Next(IEnumerator<(MirrorEntry, InodeStatus)> entries)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (SyscallException e)
        {
            throw Unreadable(e.Subject is { Length: > 0 } subject ? subject : ".", e);
        }
    }

    // Always new: who asks for them reads them anyway, and two versions of one size must not pass for the same.
    private IEnumerable<MirrorEntry> OfMemory(BuildDirectory directory)
    {
        _tree?.Dispose();
        _tree = null;
        var now = time.GetUtcNow();
        var modified = new FileTime(now.ToUnixTimeSeconds(), now.Ticks % TimeSpan.TicksPerSecond * 100);
        return directory.Files.OrderBy(static file => file.Name, StringComparer.Ordinal)
            .Select(file => new MirrorEntry { Path = file.Name, Kind = InodeStatus.KindRegular, Permissions = 0x1A4, Size = file.Content.Length, Modified = modified });
    }

    private MirrorEntry WriteMemory(MirrorEntry entry, Stream target)
    {
        var content = _directory!.Files.First(file => file.Name == entry.Path).Content;
        for (var at = 0; at < content.Length; at += PieceBytes)
            WritePiece(content.AsSpan(at, Math.Min(content.Length - at, PieceBytes)), target);
        return entry;
    }

    private MirrorEntry? WriteFile(TreeListing tree, MirrorEntry entry, Stream target)
    {
        Fd file;
        try
        {
            file = tree.OpenContent(entry.Path);
        }
        catch (SyscallException e) when (e.Number is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            return null;
        }
        catch (SyscallException e)
        {
            throw Unreadable(entry.Path, e);
        }

        using (file)
        {
            // What was a file may be a pipe by now.
            if (Inodes.Status(file, Inodes.Empty, out var status) < 0 || !status.IsRegular)
                return null;
            for (long offset = 0; ;)
            {
                var read = Inodes.ReadAt(file, _buffer, offset);
                if (read < 0)
                    throw Unreadable(entry.Path, new SyscallException("pread", -read, entry.Path));
                if (read == 0)
                    break;
                WritePiece(_buffer.AsSpan(0, read), target);
                offset += read;
                SentBytes += read;
            }
        }

        return tree.Renew(entry) is { Kind: InodeStatus.KindRegular } now ? now : null;
    }

    private static void WritePiece(ReadOnlySpan<byte> piece, Stream target)
    {
        if (piece.IsEmpty)
            return;
        Span<byte> head = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(head, piece.Length);
        target.Write(head);
        target.Write(piece);
    }

    private GantryException Unreadable(string path, SyscallException e)
    {
        var hint = e.Number is Errno.EACCES or Errno.EPERM ? ": leave it out by .dockerignore, or make it readable" : "";
        return GantryException.Of(ErrorKind.Invalid, $"cannot read \"{path}\" in {_directory!.Path}: {Errno.Text(e.Number)} ({Errno.Name(e.Number)}){hint}", cause: e);
    }

    private void Refuse(string name) => throw GantryException.Of(ErrorKind.Invalid, $"a name in {_directory!.Path} is not UTF-8 and cannot be sent: \"{name}\": rename it, or leave it out by .dockerignore");

    private static string Machine() => File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id").Trim() : "";

    private static string Place(string path) => Inodes.Status(null, [.. Encoding.UTF8.GetBytes(path), 0], out var status) < 0
        ? path
        : string.Create(CultureInfo.InvariantCulture, $"{path}:{status.FileSystem.Major}:{status.FileSystem.Minor}:{status.Inode}");
}
