using System.Security.Cryptography;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>Archives in files, compressed.</summary>
public static class PackedArchive
{
    /// <summary>Writes an archive, compressed with zstd: twice as fast as gzip's fastest, and smaller.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="write">Writes the archive.</param>
    /// <returns>The file as a blob, and the digest of the archive.</returns>
    public static (Descriptor Blob, Digest DiffId) Write(string path, Action<Stream> write)
    {
        using var inner = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
        using (var packed = Compression.Open(LayerCompression.Zstd, null, file))
            write(new HashedCopy(packed, inner));
        using var done = File.OpenRead(path);
        var blob = new Descriptor { MediaType = MediaTypes.OciLayerZstd, Digest = Digest.OfSha256(SHA256.HashData(done)), Size = done.Length };
        return (blob, Digest.OfSha256(inner.GetHashAndReset()));
    }
}
