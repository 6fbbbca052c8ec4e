using System.IO.Compression;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>Finds out how content is compressed and undoes it.</summary>
internal static class Decompression
{
    /// <summary>The plain content of a stream, told by its first bytes: gzip, zstd, or as it is.</summary>
    /// <exception cref="GantryException">NotSupported: bzip2 or xz.</exception>
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
        if (magic.StartsWith("BZh"u8) || magic.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            throw GantryException.Of(ErrorKind.NotSupported, $"the archive is compressed with {(magic[0] == 'B' ? "bzip2" : "xz")}, which is not supported: use gzip, zstd or none");
        return whole;
    }
}
