using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Images;

/// <summary>Removes images that no container uses.</summary>
/// <remarks>
/// Source: moby daemon/images/image_prune.go. Unlike there an image in use keeps all of its names: moby takes every name
/// but the last away.
/// </remarks>
internal sealed class ImagePruning(ImageRoom room, ImageLookup lookup)
{
    /// <param name="dangling">Only images without a tag.</param>
    /// <param name="wanted">Which, by the time of creation and the labels.</param>
    /// <returns>What was untagged and deleted, and the bytes of the layers that went with it.</returns>
    public (IReadOnlyList<ImageDeleteResponseItem> Deleted, long ReclaimedBytes) Run(bool dangling, Func<DateTimeOffset?, IReadOnlyDictionary<string, string>?, bool> wanted, CancellationToken cancellationToken)
    {
        var done = new List<ImageDeleteResponseItem>();
        long reclaimed = 0;
        foreach (var image in room.Content.Images.All())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var configuration = room.ConfigurationOf(image.Id);
            if ((dangling && image.Tags.Count > 0) || room.Use.UsersOf(image.Id).Count > 0 || !wanted(ImageTimes.Parse(configuration.Created), configuration.Config?.Labels))
                continue;
            var sizes = room.Content.Images.Layers(image.Id).ToDictionary(l => l.ChainId.ToString(), l => room.Content.Layers.Find(l.DiffId, l.ChainId)?.SizeBytes ?? 0);
            try
            {
                // By its names first, so that each is told; the last one takes the image along.
                IReadOnlyList<ImageDeleteResponseItem> deleted = image.Tags.Count + image.Digests.Count == 0
                    ? new RemoveOperation(room, lookup).Run(image.Id.ToString(), force: false)
                    : [.. image.Tags.Concat(image.Digests).SelectMany(name => room.Content.Images.Find(image.Id) is { } left && left.Tags.Concat(left.Digests).Contains(name) ? new RemoveOperation(room, lookup).Run(name.Familiar, force: false) : [])];
                done.AddRange(deleted);
                reclaimed += deleted.Sum(item => item.Deleted is { } id ? sizes.GetValueOrDefault(id) : 0);
            }
            catch (GantryException spared) when (spared.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
            {
                // A container was made of it just now, or somebody was quicker.
            }
        }

        return (done, reclaimed);
    }
}
