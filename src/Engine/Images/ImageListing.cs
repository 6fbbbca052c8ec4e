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
        var before = filters.Has("before") ? CreatedOf(lookup.Get(filters["before"][0]).Image) : DateTimeOffset.MaxValue;
        var since = filters.Has("since") ? CreatedOf(lookup.Get(filters["since"][0]).Image) : (DateTimeOffset?)null;
        var bounded = filters.Has("before") || filters.Has("since");
        var until = filters.Has("until") ? filters["until"].Min(text => ImageTimes.Moment(text, room.Time.GetUtcNow())).ToUnixTimeSeconds() : long.MaxValue;
        var patterns = filters["reference"].Select(Wildcard.Parse).ToList();
        var images = room.Content.Images.All();
        var parents = images.Select(static image => image.Parent).OfType<Digest>().ToHashSet();
        var shared = query.SharedSize ? SharedSizes(images) : null;
        var summaries = new List<ImageSummary>();
        foreach (var image in images)
        {
            if (image.CreatedSeconds > until || (bounded && (CreatedOf(image) is var created && (created >= before || created <= since))))
                continue;
            // What others were made on, and has no name left, is of interest to who asks for all.
            if (!query.All && image.Tags.Count + image.Digests.Count == 0 && parents.Contains(image.Id))
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

    // To the last digit: images of one second have an order.
    private DateTimeOffset CreatedOf(ImageRecord image) => ImageTimes.Parse(room.ConfigurationOf(image.Id).Created) ?? DateTimeOffset.MinValue;

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
