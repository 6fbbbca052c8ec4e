using System.Security.Cryptography;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>Makes archives of layers in the form that somebody wants them in, as blobs.</summary>
/// <remarks>Such a blob is held by the lease alone: nothing refers to it, so it is collected after the lease.</remarks>
public sealed class LayerPacker(ContentStore content, Lease lease)
{
    private const int BufferBytes = 256 << 10;

    /// <summary>How a blob is compressed, by how it begins.</summary>
    /// <exception cref="GantryException">NotFound: it is not there.</exception>
    public static LayerCompression CompressionOf(ContentStore content, Digest blob)
    {
        using var stream = content.Blobs.Open(blob);
        Span<byte> magic = stackalloc byte[4];
        var length = stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        return magic[..length] switch
        {
            [0x1F, 0x8B, ..] => LayerCompression.Gzip,
            [0x28, 0xB5, 0x2F, 0xFD] => LayerCompression.Zstd,
            _ => LayerCompression.None,
        };
    }

    /// <summary>The archive of a layer.</summary>
    /// <param name="below">The stack that it lies on, oldest first.</param>
    /// <param name="level">See <see cref="Compression"/>; null: the usual one.</param>
    /// <exception cref="GantryException">NotFound: neither the layer's archive nor what it was made of is there. Internal: its files were changed.</exception>
    public Digest Pack(LayerRecord layer, IReadOnlyList<LayerRecord> below, LayerCompression kind, int? level, CancellationToken cancellationToken)
    {
        if (!content.Blobs.Contains(layer.Blob) && layer.ArchiveBytes is null)
            throw GantryException.Of(ErrorKind.NotFound, $"the archive of layer {layer.DiffId} is gone: pull its image again");
        using var ingest = content.Blobs.Receive(null, null, lease);
        using var hash = IncrementalHash.CreateHash(layer.DiffId.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        var target = new IngestStream(ingest);
        var compressed = kind == LayerCompression.None ? target : Compression.Open(kind, level, target);
        using (compressed)
        {
            var plain = new HashedCopy(compressed, hash);
            if (content.Blobs.Contains(layer.Blob))
                Copy(layer, plain, cancellationToken);
            else
                content.Layers.WriteArchive(layer, below, plain, cancellationToken);
        }

        var actual = Digest.Parse($"{layer.DiffId.Algorithm}:{Convert.ToHexStringLower(hash.GetHashAndReset())}");
        return actual == layer.DiffId
            ? ingest.Commit()
            : throw GantryException.Of(ErrorKind.Internal, $"layer {layer.DiffId} was changed on disk: its files now make {actual}");
    }

    private void Copy(LayerRecord layer, Stream target, CancellationToken cancellationToken)
    {
        using var plain = Decompression.Open(content.Blobs.Open(layer.Blob));
        var buffer = new byte[BufferBytes];
        while (plain.Read(buffer) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            target.Write(buffer, 0, read);
        }
    }
}
