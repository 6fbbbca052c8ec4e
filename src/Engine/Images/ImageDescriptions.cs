using System.Globalization;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>What inspect and history tell.</summary>
internal sealed class ImageDescriptions(ImageRoom room)
{
    private const string Missing = "<missing>";

    public ImageInspect Inspect(ImageRecord image)
    {
        var configuration = room.ConfigurationOf(image.Id);
        return new()
        {
            Id = image.Id.ToString(),
            RepoTags = [.. image.Tags.Select(t => t.Familiar)],
            Parent = image.Parent?.ToString(),
            RepoDigests = [.. image.Digests.Select(d => d.Familiar)],
            Comment = configuration.Comment ?? (configuration.History is [.., { } last] ? last.Comment : null) ?? "",
            Created = configuration.Created,
            Author = configuration.Author ?? "",
            Config = configuration.Config ?? new(),
            Architecture = configuration.Architecture ?? "",
            Variant = configuration.Variant,
            Os = configuration.Os ?? "",
            OsVersion = configuration.OsVersion,
            Size = image.SizeBytes,
            GraphDriver = Driver(configuration.RootFs.DiffIds),
            RootFS = new() { Type = "layers", Layers = [.. configuration.RootFs.DiffIds.Select(d => d.ToString())] },
            Metadata = new() { LastTagTime = (image.LastTagged ?? default).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture).Replace(".0000000Z", "Z", StringComparison.Ordinal) },
        };
    }

    public IReadOnlyList<ImageHistoryResponseItem> History(ImageRecord image)
    {
        var configuration = room.ConfigurationOf(image.Id);
        var layers = room.Content.Images.Layers(image.Id);
        var items = new List<ImageHistoryResponseItem>();
        var layer = 0;
        foreach (var step in configuration.History ?? [])
        {
            var size = step is { EmptyLayer: false } && layer < layers.Count ? room.Content.Layers.Find(layers[layer].DiffId, layers[layer].ChainId)?.SizeBytes ?? 0 : 0;
            if (step is { EmptyLayer: false })
                layer++;
            items.Add(new() { Id = Missing, Created = ImageTimes.Seconds(step.Created), CreatedBy = step.CreatedBy ?? "", Comment = step.Comment ?? "", Size = size });
        }

        items.Reverse();
        // The ids of the images that it was made on, as far as they are here. Source: moby daemon/images/image_history.go.
        var made = image;
        for (var i = 0; i < items.Count && made is not null; i++)
        {
            items[i] = items[i] with { Id = made.Id.ToString(), Tags = made.Tags.Count == 0 ? null : [.. made.Tags.Select(t => t.Familiar)] };
            made = made.Parent is { } parent ? room.Content.Images.Find(parent) : null;
        }

        return items;
    }

    // The layers' directories, as Docker's overlay2 tells them.
    private DriverData Driver(IReadOnlyList<Digest> diffIds)
    {
        if (diffIds.Count == 0)
            return new() { Name = "overlay2", Data = new Dictionary<string, string>() };
        var paths = room.Content.Layers.Stack(diffIds).Select(room.Content.Layers.PathOf).Reverse().ToList();
        var data = new Dictionary<string, string> { ["UpperDir"] = paths[0] };
        if (paths.Count > 1)
            data["LowerDir"] = string.Join(':', paths.Skip(1));
        return new() { Name = "overlay2", Data = data };
    }
}
