using System.Security.Cryptography;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>Archives in files, compressed.</summary>
public static class PackedArchive
{
    // Twice as fast as gzip's fastest, and smaller.
    private const int Level = 3;

    /// <summary>Writes an archive, compressed with zstd.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="write">Writes the archive.</param>
    /// <returns>The file as a blob, and the digest of the archive.</returns>
    public static (Descriptor Blob, Digest DiffId) Write(string path, Action<Stream> write)
    {
        using var inner = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
        using (var packed = new ZstdSharp.CompressionStream(file, Level))
            write(new HashedCopy(packed, inner));
        using var done = File.OpenRead(path);
        var blob = new Descriptor { MediaType = MediaTypes.OciLayerZstd, Digest = Digest.OfSha256(SHA256.HashData(done)), Size = done.Length };
        return (blob, Digest.OfSha256(inner.GetHashAndReset()));
    }

    private sealed class HashedCopy(Stream target, IncrementalHash hash) : ForwardStream
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            target.Write(buffer);
        }
    }
}
