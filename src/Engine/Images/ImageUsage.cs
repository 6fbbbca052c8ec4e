using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Images;

/// <summary>What images take on disk.</summary>
/// <remarks>Layers count once, however many images share them. Source: moby daemon/disk_usage.go.</remarks>
internal sealed class ImageUsage(ImageRoom room, ImageLookup lookup)
{
    public ImagesDiskUsage Measure()
    {
        var summaries = new ImageListing(room, lookup).List(new ImageListQuery { SharedSize = true });
        var items = summaries.Select(image => image with { Containers = room.Use.UsersOf(Digest.Parse(image.Id!)).Count }).ToList();
        var layers = items.ToDictionary(image => image, image => room.Content.Images.Layers(Digest.Parse(image.Id!)));
        return new()
        {
            TotalCount = items.Count,
            ActiveCount = items.Count(image => image.Containers > 0),
            TotalSize = SizeOf(layers.Values.SelectMany(l => l)),
            Reclaimable = SizeOf(layers.Values.SelectMany(l => l).ExceptBy(layers.Where(p => p.Key.Containers > 0).SelectMany(p => p.Value).Select(l => l.ChainId), l => l.ChainId)),
            Items = items,
        };
    }

    private long SizeOf(IEnumerable<(Digest DiffId, Digest ChainId)> layers) =>
        layers.DistinctBy(l => l.ChainId).Sum(l => room.Content.Layers.Find(l.DiffId, l.ChainId)?.SizeBytes ?? 0);
}
