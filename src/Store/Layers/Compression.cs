using System.IO.Compression;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>Compresses archives, the same content always to the same bytes.</summary>
internal static class Compression
{
    /// <summary>A stream that compresses what is written to it; disposing it ends the compressed content and leaves the target open.</summary>
    /// <param name="level">0–9 for gzip, 1–22 for zstd; null: the usual one.</param>
    public static Stream Open(LayerCompression kind, int? level, Stream target) => kind switch
    {
        LayerCompression.Gzip when level is { } wanted => new GZipStream(target, new ZLibCompressionOptions { CompressionLevel = Math.Clamp(wanted, 0, 9) }, leaveOpen: true),
        LayerCompression.Gzip => new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true),
        LayerCompression.Zstd => new ZstdSharp.CompressionStream(target, Math.Clamp(level ?? 3, 1, 22), leaveOpen: true),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "it compresses nothing"),
    };
}
