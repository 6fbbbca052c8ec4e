using System.IO.Compression;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Xz;

namespace Gantry.Store;

/// <summary>Finds out how content is compressed and undoes it.</summary>
internal static class Decompression
{
    /// <summary>The plain content of a stream, told by its first bytes: gzip, zstd, xz, bzip2, or as it is. Reading it fails with <see cref="InvalidDataException"/> where it is damaged.</summary>
    public static Stream Open(Stream content)
    {
        var start = new byte[6];
        var length = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(start.AsMemory(0, length), content);
        ReadOnlySpan<byte> magic = start.AsSpan(0, length);
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return new GZipStream(whole, CompressionMode.Decompress);
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || (length >= 4 && (magic[0] & 0xF0) == 0x50 && magic[1] == 0x2A && magic[2] == 0x4D && magic[3] == 0x18))
            return new ZstdSharp.DecompressionStream(whole, leaveOpen: false);
        if (magic.StartsWith("BZh"u8))
            return new RareDecompression(whole, static source => BZip2Stream.Create(source, SharpCompress.Compressors.CompressionMode.Decompress, decompressConcatenated: true));
        if (magic.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return new RareDecompression(whole, static source => new XZStream(source));
        return whole;
    }
}
