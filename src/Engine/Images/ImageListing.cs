using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Patterns;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>Lists images.</summary>
/// <remarks>Source: moby daemon/images/images.go.</remarks>
internal sealed class ImageListing(ImageRoom room, ImageLookup lookup)
{
    public IReadOnlyList<ImageSummary> List(ImageListQuery query)
    {
        var filters = query.Filters;
        filters.Validate("dangling", "label", "reference", "before", "since", "until");
        var dangling = filters.Boolean("dangling");
        var before = filters.Has("before") ? lookup.Get(filters["before"][0]).Image.CreatedSeconds : long.MaxValue;
        var since = filters.Has("since") ? lookup.Get(filters["since"][0]).Image.CreatedSeconds : long.MinValue;
        var until = filters.Has("until") ? filters["until"].Min(text => ImageTimes.Moment(text, room.Time.GetUtcNow())).ToUnixTimeSeconds() : long.MaxValue;
        var patterns = filters["reference"].Select(Wildcard.Parse).ToList();
        var images = room.Content.Images.All();
        var shared = query.SharedSize ? SharedSizes(images) : null;
        var summaries = new List<ImageSummary>();
        foreach (var image in images)
        {
            if (image.CreatedSeconds >= before || image.CreatedSeconds <= since || image.CreatedSeconds > until)
                continue;
            if (dangling is { } wanted && wanted != (image.Tags.Count == 0))
                continue;
            var tags = Matching(image.Tags, patterns);
            var digests = Matching(image.Digests, patterns);
            if (filters.Has("reference") && tags.Count == 0 && digests.Count == 0)
                continue;
            var labels = room.ConfigurationOf(image.Id).Config?.Labels;
            if (!filters.All("label", value => Operations.Filters.LabelMatches(labels, value)))
                continue;
            summaries.Add(new()
            {
                Id = image.Id.ToString(),
                ParentId = image.Parent?.ToString() ?? "",
                RepoTags = tags,
                RepoDigests = digests,
                Created = image.CreatedSeconds,
                Size = image.SizeBytes,
                SharedSize = shared?[image.Id] ?? -1,
                Labels = labels,
                Containers = -1,
            });
        }

        return summaries;
    }

    private static List<string> Matching(IReadOnlyList<ImageReference> names, List<Wildcard> patterns) =>
        [.. names.Where(name => patterns.Count == 0 || patterns.Exists(p => p.Matches(name.Familiar) || p.Matches(name.FamiliarName))).Select(name => name.Familiar)];

    // What of an image's layers other images have too.
    private Dictionary<Digest, long> SharedSizes(IReadOnlyList<ImageRecord> images)
    {
        var layers = images.ToDictionary(i => i.Id, i => room.Content.Images.Layers(i.Id));
        var users = layers.Values.SelectMany(l => l.Select(x => x.ChainId).Distinct()).CountBy(chain => chain).ToDictionary(p => p.Key, p => p.Value);
        return layers.ToDictionary(p => p.Key, p => p.Value.Where(l => users[l.ChainId] > 1).Sum(l => room.Content.Layers.Find(l.DiffId, l.ChainId)?.SizeBytes ?? 0));
    }
}
