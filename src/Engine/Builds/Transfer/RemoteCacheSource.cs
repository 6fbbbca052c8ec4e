using Gantry.Distribution;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>A cache by itself, or inside of an image, in a registry or in a directory of the client's. What is in it is hostile.</summary>
/// <param name="from">Where its parts are.</param>
/// <param name="name">What people know it by.</param>
/// <param name="tagOrDigest">Its manifest.</param>
internal sealed class RemoteCacheSource(ContentStore content, IImageSource from, string name, string tagOrDigest) : ICacheSource
{
    public string Name => name;

    public async Task<CacheDocument?> ReadAsync(CancellationToken cancellationToken)
    {
        var manifest = await from.GetManifestAsync(tagOrDigest, cancellationToken);
        if (CacheManifests.FindConfig(manifest.Content) is { } own)
            return CacheDocument.Read(await DownloadAsync(own, CacheDocument.Largest, cancellationToken));
        if (manifest.IsIndex)
        {
            var chosen = PlatformChoice.Choose(ImageDocuments.ReadIndex(manifest.Content.Span).Manifests, PlatformChoice.Host);
            if (chosen is null)
                return null;
            manifest = await from.GetManifestAsync(chosen.Digest.ToString(), cancellationToken);
        }

        var image = ImageDocuments.ReadManifest(manifest.Content.Span);
        var configuration = ImageDocuments.ReadConfiguration((await DownloadAsync(image.Config, ImageDocuments.LargestConfiguration, cancellationToken)).Span);
        return InlineCache.Read(configuration, image.Layers);
    }

    public async Task FetchAsync(CacheLayer layer, Lease lease, CancellationToken cancellationToken)
    {
        lease.Hold(layer.Blob);
        if (content.Blobs.Contains(layer.Blob))
            return;
        using var ingest = content.Blobs.Receive(layer.Blob, layer.SizeBytes, lease);
        await from.DownloadAsync(new Descriptor { MediaType = layer.MediaType, Digest = layer.Blob, Size = layer.SizeBytes }, bytes => ingest.Write(bytes.Span), cancellationToken);
        ingest.Commit();
    }

    private async Task<ReadOnlyMemory<byte>> DownloadAsync(Descriptor blob, int limit, CancellationToken cancellationToken)
    {
        if (blob.Size > limit)
            throw GantryException.Of(ErrorKind.Invalid, $"{blob.Digest} of {name} has {blob.Size} bytes, more than the {limit} allowed");
        using var received = new MemoryStream();
        await from.DownloadAsync(blob, bytes => received.Write(bytes.Span), cancellationToken);
        return CacheManifests.Verify(blob.Digest, received.ToArray());
    }
}
