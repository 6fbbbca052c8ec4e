using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>The cache inside of an image that the engine has.</summary>
internal sealed class ImageCacheSource(ImageRoom room, ImageReference reference, Digest image) : ICacheSource
{
    public string Name => reference.ToString();

    public Task<CacheDocument?> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(InlineCache.Read(room.ConfigurationOf(image), null));

    public Task FetchAsync(CacheLayer layer, Lease lease, CancellationToken cancellationToken) =>
        throw GantryException.Of(ErrorKind.NotFound, $"{reference.Familiar} does not have layer {layer.DiffId} on top of these others");
}
