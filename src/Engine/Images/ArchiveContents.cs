using System.Text;
using Gantry.Archive;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>What an image archive holds, by name: every file is put into the blob store while it is read, held by a lease.</summary>
internal sealed class ArchiveContents : IDisposable
{
    private const int MostFiles = 10_000;
    private const int MostLinks = 8;

    private readonly ContentStore _content;
    private readonly Dictionary<string, Digest> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly HashSet<Digest> _digests = [];

    private ArchiveContents(ContentStore content) => _content = content;

    /// <summary>Reads an archive (plain, gzip or zstd) to its end.</summary>
    public static ArchiveContents Read(Stream archive, ContentStore content, Lease lease, CancellationToken cancellationToken)
    {
        var contents = new ArchiveContents(content);
        using var plain = Archives.Open(archive);
        using var reader = new TarReader(plain);
        while (reader.Next() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = Clean(Encoding.UTF8.GetString(entry.Name), "");
            if (contents._files.Count + contents._links.Count > MostFiles)
                throw GantryException.Of(ErrorKind.Invalid, $"the archive has more than {MostFiles} files, too many for images");
            if (entry.Kind == TarEntryKind.File && entry.Sparse is null)
                contents.Add(name, reader, entry.Size, lease);
            else if (entry.Kind is TarEntryKind.Symlink or TarEntryKind.HardLink)
                contents._links[name] = Clean(Encoding.UTF8.GetString(entry.LinkName), entry.Kind == TarEntryKind.Symlink ? Directory(name) : "");
        }

        return contents;
    }

    /// <summary>A file by its name; null when the archive has none.</summary>
    public Digest? Find(string name)
    {
        name = Clean(name, "");
        for (var links = 0; links < MostLinks; links++)
        {
            if (_files.TryGetValue(name, out var digest))
                return digest;
            if (!_links.TryGetValue(name, out var target))
                return null;
            name = target;
        }

        return null;
    }

    /// <summary>A file by its name.</summary>
    /// <exception cref="GantryException">Invalid: the archive has none.</exception>
    public Digest Get(string name) => Find(name) ?? throw GantryException.Of(ErrorKind.Invalid, $"the archive lacks \"{name}\", which its manifest names");

    /// <summary>Whether the archive has content of this digest.</summary>
    public bool Has(Digest digest) => _digests.Contains(digest);

    /// <summary>A small document.</summary>
    public byte[] Read(Digest digest) => Has(digest) ? _content.Blobs.Read(digest, ImageDocuments.LargestManifest) : throw GantryException.Of(ErrorKind.Invalid, $"the archive lacks {digest}");

    public void Dispose()
    {
        _files.Clear();
        _links.Clear();
    }

    private static string Directory(string name) => name.LastIndexOf('/') is var slash and >= 0 ? name[..slash] : "";

    // Names are keys here, never paths on disk.
    private static string Clean(string name, string directory)
    {
        var parts = new List<string>();
        foreach (var part in $"{directory}/{name}".Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }

        return string.Join('/', parts);
    }

    private void Add(string name, TarReader reader, long size, Lease lease)
    {
        // A layout's blob must be what its name says.
        Digest? expected = name.StartsWith("blobs/sha256/", StringComparison.Ordinal) && Digest.TryParse("sha256:" + name[13..], out var named) ? named : null;
        using var ingest = _content.Blobs.Receive(expected, size, lease);
        for (var piece = reader.ReadContent(); !piece.IsEmpty; piece = reader.ReadContent())
            ingest.Write(piece);
        var digest = ingest.Commit();
        _files[name] = digest;
        _digests.Add(digest);
    }
}
