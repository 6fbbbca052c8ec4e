using System.Security.Cryptography;
using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A cache that becomes blobs of a layout of the client's, which itself notes there what its manifest is (<c>type=local</c>).</summary>
/// <param name="layout">What the client calls it.</param>
internal sealed class StoreCacheTarget(IBuildSession session, string layout) : ICacheTarget
{
    // The client knows what it has when it is given it.
    public Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken) => Task.FromResult(false);

    public async Task PutAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellationToken)
    {
        await using var content = open();
        await session.WriteBlobAsync(layout, blob, content, cancellationToken);
    }

    public Task FinishAsync(string mediaType, byte[] manifest, CancellationToken cancellationToken) =>
        PutAsync(new() { MediaType = mediaType, Digest = Digest.OfSha256(SHA256.HashData(manifest)), Size = manifest.Length }, () => new MemoryStream(manifest), cancellationToken);

    public void Dispose()
    {
        // It keeps nothing here.
    }
}
