using System.Buffers;
using System.Text;
using Gantry.Archive;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Writes a package as an archive of an OCI layout.</summary>
/// <remarks>Source: image-spec image-layout.md; moby image/tarexport/save.go for manifest.json.</remarks>
internal sealed class LayoutWriter(ContentStore content, Stream output, CancellationToken cancellationToken)
{
    private const uint Rw_r__r__ = 0x1A4;
    private const uint Rwxr_xr_x = 0x1ED;

    private readonly TarWriter _archive = new(output);

    /// <summary>Writes all of it.</summary>
    /// <param name="withList">With the list that <c>docker load</c> reads: only one image can be in it.</param>
    public void Write(ImagePackage package, IReadOnlyList<ImageReference> names, bool withList)
    {
        Folder("blobs/");
        Folder("blobs/sha256/");
        foreach (var blob in package.Blobs.Concat(package.Documents))
            Blob(blob);
        Entry("index.json", writer => ImageDocuments.Write(writer, new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = [.. Named(package.Root, names)] }));
        if (withList)
            Entry("manifest.json", writer => ImageDocuments.Write(writer, List(package, names)));
        Entry("oci-layout", static writer => writer.Write("{\"imageLayoutVersion\":\"1.0.0\"}"u8));
        _archive.Finish();
    }

    private static IEnumerable<Descriptor> Named(Descriptor root, IReadOnlyList<ImageReference> names) => names.Count == 0 ? [root] : names.Select(name => root with
    {
        Annotations = new Dictionary<string, string>(root.Annotations ?? new Dictionary<string, string>())
        {
            ["io.containerd.image.name"] = name.ToString(),
            ["org.opencontainers.image.ref.name"] = name.Tag ?? "latest",
        },
    });

    private static IReadOnlyList<ArchiveManifestEntry> List(ImagePackage package, IReadOnlyList<ImageReference> names) =>
    [
        .. package.Images.Select(image => new ArchiveManifestEntry
        {
            Config = PathOf(image.Content.Config.Digest),
            RepoTags = [.. names.Select(static name => name.Familiar)],
            Layers = [.. image.Content.Layers.Select(static layer => PathOf(layer.Digest))],
        }),
    ];

    private static string PathOf(Digest digest) => "blobs/" + digest.ToString().Replace(':', '/');

    private void Folder(string name) => _archive.Begin(new TarEntry { Kind = TarEntryKind.Directory, Name = Encoding.UTF8.GetBytes(name), Mode = Rwxr_xr_x });

    private void Blob(Descriptor blob)
    {
        using var from = content.Blobs.Open(blob.Digest);
        Begin(PathOf(blob.Digest), blob.Size);
        var buffer = new byte[128 << 10];
        for (var left = blob.Size; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = from.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                throw new EndOfStreamException("a blob is shorter than it was");
            _archive.Content(buffer.AsSpan(0, read));
            left -= read;
        }
    }

    private void Entry(string name, Action<IBufferWriter<byte>> write)
    {
        var document = new ArrayBufferWriter<byte>();
        write(document);
        Begin(name, document.WrittenCount);
        _archive.Content(document.WrittenSpan);
    }

    private void Begin(string name, long size) =>
        _archive.Begin(new TarEntry { Kind = TarEntryKind.File, Name = Encoding.UTF8.GetBytes(name), Mode = Rw_r__r__, Size = size, StoredSize = size });
}
