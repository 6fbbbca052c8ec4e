using System.Buffers;
using System.Globalization;
using Gantry.Build;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Makes an image of a build's result among the engine's images.</summary>
internal sealed class ImageExport(ImageRoom room)
{
    /// <summary>The image's configuration with the layers that were made: its digest is the image's id.</summary>
    /// <remarks>Times are those of the layers, so that a build that found everything in the cache makes the same image. Source: BuildKit exporter/containerimage/writer.go.</remarks>
    public ImageConfiguration Complete(CompiledBuild compiled, IReadOnlyList<Digest> diffIds)
    {
        var history = compiled.Configuration.History ?? [];
        // Base images may lack history: each layer has an entry all the same.
        var missing = Math.Max(0, diffIds.Count - history.Count(entry => !entry.EmptyLayer));
        var entries = Enumerable.Repeat(new ImageHistoryEntry { Created = compiled.Configuration.Created }, missing).Concat(history).ToList();
        FillTimes(entries, [.. room.Content.Layers.Stack(diffIds).Select(layer => layer.Created)]);
        return compiled.Configuration with
        {
            Created = (compiled.Created is { } epoch ? Text(epoch) : null) ?? entries.LastOrDefault(e => e.Created is not null)?.Created ?? Text(room.Time.GetUtcNow()),
            RootFs = new() { DiffIds = diffIds },
            History = entries,
        };
    }

    /// <summary>Records the image and its names: COMMIT.</summary>
    /// <returns>Its id, and its manifest's digest.</returns>
    public (Digest Id, Digest Manifest) Record(ImageConfiguration configuration, IReadOnlyList<ImageReference> names, Lease lease)
    {
        var placed = room.Content.Layers.Stack(configuration.RootFs.DiffIds);
        var writer = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(writer, configuration);
        var id = room.Content.Blobs.Add(writer.WrittenSpan, lease);
        new LocalImage(room).Record(id, configuration, [.. placed.Select(l => l.Blob)], placed, null, names, lease);
        var manifest = room.Content.Images.Find(id)!.Manifest.Digest;
        room.Tell("create", id.ToString(), id.ToString(), id);
        foreach (var name in names)
            room.Tell("tag", id.ToString(), name.Familiar, id);
        return (id, manifest);
    }

    // What makes no layer has the time of the layer before it, or of the first that is new.
    private static void FillTimes(List<ImageHistoryEntry> entries, IReadOnlyList<DateTimeOffset?> layers)
    {
        var layer = 0;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].EmptyLayer)
                continue;
            if (entries[i].Created is null && layer < layers.Count && layers[layer] is { } made)
                entries[i] = entries[i] with { Created = Text(made) };
            layer++;
        }

        var firstNew = entries.FindIndex(e => e.Created is null);
        if (firstNew < 0)
            return;
        var created = entries.Skip(firstNew).FirstOrDefault(e => e.Created is not null)?.Created ?? entries.LastOrDefault(e => e.Created is not null)?.Created;
        for (var i = firstNew; i < entries.Count; i++)
        {
            if (entries[i].Created is null)
                entries[i] = entries[i] with { Created = created };
            else
                created = entries[i].Created;
        }
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
