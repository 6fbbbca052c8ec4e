using System.IO.Compression;
using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Api.BuildKit.Session;

/// <summary>A context that came as an archive, as from <c>docker build - &lt; context.tar</c>: the client sends it once, and it is
/// unpacked as often as it is asked for.</summary>
internal sealed class UploadedContext(ClientSession session, Uri address) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private FileStream? _archive;

    /// <summary>Makes a directory hold what the archive does, but for what is excluded.</summary>
    /// <exception cref="GantryException">Invalid: no archive that can be unpacked.</exception>
    public async Task UnpackAsync(string directory, IReadOnlyList<string> excludes, Action<long>? progress, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_archive is null)
            {
                Empty(directory);
                var archive = OpenNameless(directory);
                _archive = archive;
                await session.PullAsync(address, archive, cancellationToken);
            }

            Empty(directory);
            _archive.Position = 0;
            Unpack(_archive, directory, cancellationToken);
            progress?.Invoke(_archive.Length);
            Exclude(directory, excludes);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _archive?.Dispose();
        _gate.Dispose();
    }

    // In the directory, because there is the space that the context is meant to take; the name is gone before anything is in it.
    private static FileStream OpenNameless(string directory)
    {
        var path = Path.Combine(directory, $".archive-{Guid.NewGuid():N}");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.Delete(path);
        return file;
    }

    private static void Unpack(FileStream archive, string directory, CancellationToken cancellationToken)
    {
        Span<byte> head = stackalloc byte[6];
        var count = archive.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        archive.Position = 0;
        if (head.StartsWith("BZh"u8) || head.SequenceEqual((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            throw GantryException.Of(ErrorKind.Invalid, "the context is an archive compressed with bzip2 or xz: send it plain or compressed with gzip");
        using var content = count >= 2 && head[0] == 0x1F && head[1] == 0x8B ? new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true) : null;
        using var root = OpenDirectory(directory);
        using var reader = new TarReader((Stream?)content ?? archive);
        using var extraction = new TreeExtraction(root, "", new ExtractionOptions { WithOwners = false });
        try
        {
            extraction.Write(reader, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"the context's archive is damaged: {e.Message}", cause: e);
        }
    }

    private static void Exclude(string directory, IReadOnlyList<string> excludes)
    {
        var matcher = PatternMatcher.Parse(excludes);
        if (matcher.IsEmpty)
            return;
        using var root = OpenDirectory(directory);
        using var listing = new TreeListing(directory);
        var files = listing.List().Select(static f => f.Entry).ToList();
        // What is in a directory before the directory, which goes only when nothing is left in it that stays.
        for (var i = files.Count - 1; i >= 0; i--)
        {
            var path = files[i].Path;
            if (!matcher.Matches(path))
                continue;
            using var parent = Files.OpenAt(root, Path.GetDirectoryName(path) is { Length: > 0 } above ? above : ".", Inodes.ReadOnly | Inodes.Directory);
            _ = Inodes.Unlink(parent, [.. Encoding.UTF8.GetBytes(Path.GetFileName(path)), 0], files[i].Kind == InodeStatus.KindDirectory ? Inodes.RemoveDirectory : 0);
        }
    }

    private static void Empty(string directory)
    {
        var names = new List<byte[]>();
        using var root = OpenDirectory(directory);
        Inodes.List(root, names);
        foreach (var name in names)
        {
            if (Trees.Remove(root, name) is < 0 and var failed)
                throw new SyscallException("unlinkat", -failed, directory);
        }
    }

    private static Fd OpenDirectory(string directory) => Files.Open(directory, Inodes.ReadOnly | Inodes.Directory);
}
