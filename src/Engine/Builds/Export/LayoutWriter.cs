using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Archive;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Writes an image as an archive of an OCI layout, with the manifest that <c>docker load</c> reads.</summary>
/// <remarks>Source: image-spec image-layout.md; moby image/tarexport/save.go for manifest.json.</remarks>
internal sealed class LayoutWriter(ContentStore content, Stream output, CancellationToken cancellationToken)
{
    private const uint Rw_r__r__ = 0x1A4;
    private const uint Rwxr_xr_x = 0x1ED;

    private readonly TarWriter _archive = new(output);

    public void Write(ReadOnlyMemory<byte> configuration, IReadOnlyList<Digest> diffIds, IReadOnlyList<ImageReference> names)
    {
        Folder("blobs/");
        Folder("blobs/sha256/");
        var stack = content.Layers.Stack(diffIds);
        var layers = new List<Descriptor>();
        for (var i = 0; i < stack.Count; i++)
            layers.Add(Layer(stack[i], [.. stack.Take(i)], layers));
        var config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Blob(configuration.Span), Size = configuration.Length };
        var document = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(document, new ImageManifest { MediaType = MediaTypes.OciManifest, Config = config, Layers = layers });
        var manifest = new Descriptor { MediaType = MediaTypes.OciManifest, Digest = Blob(document.WrittenSpan), Size = document.WrittenCount };
        Entry("index.json", Index(manifest, names));
        Entry("manifest.json", DockerManifest(config, layers, names));
        Entry("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"u8);
        _archive.Finish();
    }

    private Descriptor Layer(LayerRecord layer, IReadOnlyList<LayerRecord> below, List<Descriptor> written)
    {
        if (written.Find(l => l.Digest == layer.Blob) is { } again)
            return again;
        if (content.Blobs.SizeOf(layer.Blob) is { } size)
        {
            using var blob = content.Blobs.Open(layer.Blob);
            Begin(PathOf(layer.Blob), size);
            Copy(blob, size);
            return new() { MediaType = LocalImage.TypeOf(content, layer.Blob), Digest = layer.Blob, Size = size };
        }

        var length = layer.ArchiveBytes ?? throw GantryException.Of(ErrorKind.NotFound, $"the archive of layer {layer.DiffId} is gone: pull its image again");
        Begin(PathOf(layer.Blob), length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        content.Layers.WriteArchive(layer, below, new ContentStream(_archive, hash), cancellationToken);
        var digest = Digest.OfSha256(hash.GetHashAndReset());
        return digest == layer.DiffId
            ? new() { MediaType = MediaTypes.OciLayer, Digest = digest, Size = length }
            : throw GantryException.Of(ErrorKind.Internal, $"layer {layer.DiffId} was changed on disk: its files now make {digest}");
    }

    private static byte[] Index(Descriptor manifest, IReadOnlyList<ImageReference> names) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schemaVersion"u8, 2);
        json.WriteString("mediaType"u8, MediaTypes.OciIndex);
        json.WriteStartArray("manifests"u8);
        foreach (var name in names.Count == 0 ? [null] : names.Select(ImageReference? (n) => n))
        {
            json.WriteStartObject();
            json.WriteString("mediaType"u8, manifest.MediaType);
            json.WriteString("digest"u8, manifest.Digest.ToString());
            json.WriteNumber("size"u8, manifest.Size);
            if (name is not null)
            {
                json.WriteStartObject("annotations"u8);
                json.WriteString("io.containerd.image.name"u8, name.ToString());
                json.WriteString("org.opencontainers.image.ref.name"u8, name.Tag ?? "latest");
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static byte[] DockerManifest(Descriptor config, List<Descriptor> layers, IReadOnlyList<ImageReference> names) => Json(json =>
    {
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("Config"u8, PathOf(config.Digest));
        json.WriteStartArray("RepoTags"u8);
        foreach (var name in names)
            json.WriteStringValue(name.Familiar);
        json.WriteEndArray();
        json.WriteStartArray("Layers"u8);
        foreach (var layer in layers)
            json.WriteStringValue(PathOf(layer.Digest));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return buffer.WrittenSpan.ToArray();
    }

    private static string PathOf(Digest digest) => "blobs/" + digest.ToString().Replace(':', '/');

    private void Folder(string name) => _archive.Begin(new TarEntry { Kind = TarEntryKind.Directory, Name = Encoding.UTF8.GetBytes(name), Mode = Rwxr_xr_x });

    private Digest Blob(ReadOnlySpan<byte> data)
    {
        var digest = Digest.OfSha256(SHA256.HashData(data));
        Entry(PathOf(digest), data);
        return digest;
    }

    private void Entry(string name, ReadOnlySpan<byte> data)
    {
        Begin(name, data.Length);
        _archive.Content(data);
    }

    private void Begin(string name, long size) =>
        _archive.Begin(new TarEntry { Kind = TarEntryKind.File, Name = Encoding.UTF8.GetBytes(name), Mode = Rw_r__r__, Size = size, StoredSize = size });

    private void Copy(Stream from, long size)
    {
        var buffer = new byte[128 << 10];
        while (size > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = from.Read(buffer, 0, (int)Math.Min(size, buffer.Length));
            if (read == 0)
                throw new EndOfStreamException("a blob is shorter than it was");
            _archive.Content(buffer.AsSpan(0, read));
            size -= read;
        }
    }

    /// <summary>Writes the content of the entry that was begun, and hashes it.</summary>
    private sealed class ContentStream(TarWriter archive, IncrementalHash hash) : ForwardStream
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            archive.Content(buffer);
        }
    }
}
