using Gantry.Distribution;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>A cache that a registry has: by itself (<c>type=registry</c>), or inside of an image (<c>type=inline</c>).</summary>
internal sealed class RegistryCacheSource(ImageRoom room, ImageReference reference, AuthConfig? credentials) : ICacheSource
{
    private readonly RepositoryClient _repository = room.Registry.Open(reference, credentials);

    public string Name => reference.ToString();

    public async Task<CacheDocument?> ReadAsync(CancellationToken cancellationToken)
    {
        var manifest = await _repository.GetManifestAsync(reference.Digest?.ToString() ?? reference.Tag!, cancellationToken);
        if (CacheManifests.FindConfig(manifest.Content) is { } own)
            return CacheDocument.Read(await DownloadAsync(own, CacheDocument.Largest, cancellationToken));
        if (manifest.IsIndex)
        {
            var chosen = PlatformChoice.Choose(ImageDocuments.ReadIndex(manifest.Content.Span).Manifests, PlatformChoice.Host);
            if (chosen is null)
                return null;
            manifest = await _repository.GetManifestAsync(chosen.Digest.ToString(), cancellationToken);
        }

        var image = ImageDocuments.ReadManifest(manifest.Content.Span);
        var configuration = ImageDocuments.ReadConfiguration((await DownloadAsync(image.Config, ImageDocuments.LargestConfiguration, cancellationToken)).Span);
        return InlineCache.Read(configuration, image.Layers);
    }

    public async Task FetchAsync(CacheLayer layer, Lease lease, CancellationToken cancellationToken)
    {
        lease.Hold(layer.Blob);
        if (room.Content.Blobs.Contains(layer.Blob))
            return;
        using var ingest = room.Content.Blobs.Receive(layer.Blob, layer.SizeBytes, lease);
        await _repository.DownloadAsync(new Descriptor { MediaType = layer.MediaType, Digest = layer.Blob, Size = layer.SizeBytes }, bytes => ingest.Write(bytes.Span), cancellationToken);
        ingest.Commit();
    }

    private async Task<ReadOnlyMemory<byte>> DownloadAsync(Descriptor blob, int limit, CancellationToken cancellationToken)
    {
        if (blob.Size > limit)
            throw GantryException.Of(ErrorKind.Invalid, $"{blob.Digest} of {reference.Familiar} has {blob.Size} bytes, more than the {limit} allowed");
        using var content = new MemoryStream();
        await _repository.DownloadAsync(blob, bytes => content.Write(bytes.Span), cancellationToken);
        return CacheManifests.Verify(blob.Digest, content.ToArray());
    }
}
