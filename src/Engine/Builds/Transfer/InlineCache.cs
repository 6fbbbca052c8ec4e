using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A cache inside of an image's configuration: keys that lead to the image's own layers.</summary>
/// <remarks>Source: BuildKit exporter/containerimage/exptypes, ExporterInlineCache: <c>moby.buildkit.cache.v0</c>.</remarks>
internal static class InlineCache
{
    /// <summary>Reads an image's; null: it has none, or another tool's.</summary>
    /// <param name="layers">The image's archives, which say where its layers are; null: they are in the store.</param>
    public static CacheDocument? Read(ImageConfiguration configuration, IReadOnlyList<Descriptor>? layers)
    {
        if (configuration.InlineCache is not { Length: > 0 and <= CacheDocument.Largest } inline || CacheDocument.Read(inline) is not { } document)
            return null;
        var diffIds = configuration.RootFs.DiffIds;
        if (layers is not null && layers.Count != diffIds.Count)
            return null;
        // What it says of places counts for nothing: the image's manifest does.
        var places = diffIds.Select((diffId, place) => (diffId, place)).GroupBy(static pair => pair.diffId).ToDictionary(static group => group.Key, static group => group.First().place);
        return document with
        {
            Mounts = new Dictionary<string, int>(),
            Records = document.Records.Where(r => places.ContainsKey(document.Layers[r.Value].DiffId)).ToDictionary(),
            Layers = layers is null ? document.Layers : [.. document.Layers.Select(layer => places.TryGetValue(layer.DiffId, out var place)
                ? layer with { Blob = layers[place].Digest, SizeBytes = layers[place].Size, MediaType = layers[place].MediaType }
                : layer)],
        };
    }
}
