using System.Security.Cryptography;
using Gantry.Build;
using Gantry.Distribution;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>An image in an OCI layout that the client of a build has.</summary>
/// <param name="layout">What the client calls the layout.</param>
/// <param name="name">What people call the image.</param>
internal sealed class ClientLayout(IBuildSession session, string layout, string name) : IImageSource
{
    /// <inheritdoc/>
    public async Task<FetchedManifest> GetManifestAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(tagOrDigest);
        using var content = new MemoryStream();
        await session.ReadBlobAsync(layout, digest, bytes =>
        {
            if (content.Length + bytes.Length > ImageDocuments.LargestManifest)
                throw GantryException.Of(ErrorKind.Invalid, $"{digest} of {name} is larger than any manifest");
            content.Write(bytes.Span);
        }, cancellationToken);
        var bytes = content.ToArray();
        if (Digest.OfSha256(SHA256.HashData(bytes)) is var actual && actual != digest)
            throw GantryException.Of(ErrorKind.Invalid, $"the layout of {name} is damaged: its blob {digest} has the digest {actual}");
        return FetchedManifest.Read(null, bytes, digest, name);
    }

    /// <inheritdoc/>
    public async Task DownloadAsync(Descriptor blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        long received = 0;
        await session.ReadBlobAsync(layout, blob.Digest, bytes =>
        {
            received += bytes.Length;
            if (received > blob.Size)
                throw WrongSize();
            sink(bytes);
        }, cancellationToken);
        if (received < blob.Size)
            throw WrongSize();

        GantryException WrongSize() => GantryException.Of(ErrorKind.Invalid, $"the layout of {name} is damaged: its blob {blob.Digest} has not the {blob.Size} bytes that its manifest says");
    }
}
