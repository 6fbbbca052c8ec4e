using Gantry.Distribution;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A cache that a registry gets (<c>type=registry</c>).</summary>
/// <param name="tag">What it is to be found by.</param>
internal sealed class RegistryCacheTarget(RepositoryUpload upload, string tag) : ICacheTarget
{
    public Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken) => upload.HasAsync(blob.Digest, cancellationToken);

    public Task PutAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellationToken) => upload.PutBlobAsync(blob, open, null, cancellationToken);

    public Task FinishAsync(string mediaType, byte[] manifest, CancellationToken cancellationToken) => upload.PutManifestAsync(tag, mediaType, manifest, cancellationToken);

    public void Dispose()
    {
        // It keeps nothing here.
    }
}
