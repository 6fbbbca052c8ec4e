using System.Collections.Concurrent;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Sets the times in the layers of a result, so that they are the same wherever and whenever it is built (ADR 12).</summary>
internal sealed class StackTimes(ContentStore content)
{
    private const int MostKept = 10_000;

    // What became of a stack before: a build that changes nothing reads no file.
    private readonly ConcurrentDictionary<(Digest Chain, int Base, long Epoch), Digest> _known = new();

    /// <summary>The image that a result's stack begins with; null: it begins with nothing.</summary>
    public static ImageSource? BaseOf(Vertex target)
    {
        for (var vertex = target; ;)
        {
            var below = vertex is MergeStep ? vertex.Inputs[0] : vertex.Root is { } root ? vertex.Inputs[root] : null;
            if (below is null)
                return vertex as ImageSource;
            vertex = below;
        }
    }

    /// <summary>The stack with its times set; the base's stay as they are.</summary>
    /// <param name="diffIds">Oldest first.</param>
    /// <param name="baseLayers">How many of them the build did not make.</param>
    /// <param name="epoch">What files get that the build wrote; no file of its layers has a later time.</param>
    /// <param name="lease">Gets to hold the layers.</param>
    public Task<IReadOnlyList<Digest>> SetAsync(IReadOnlyList<Digest> diffIds, int baseLayers, DateTimeOffset epoch, Lease lease, CancellationToken cancellationToken) =>
        Threads.RunAsync(() => Set(diffIds, baseLayers, epoch, lease, cancellationToken));

    private IReadOnlyList<Digest> Set(IReadOnlyList<Digest> diffIds, int baseLayers, DateTimeOffset epoch, Lease lease, CancellationToken cancellationToken)
    {
        var chain = ChainIds.Of(diffIds);
        var stack = content.Layers.Stack(diffIds);
        var set = new List<LayerRecord>();
        DateTimeOffset? first = null;
        for (var i = 0; i < stack.Count; i++)
        {
            if (i < baseLayers || stack[i].Begun is not { } begun)
            {
                set.Add(stack[i]);
                continue;
            }

            // What a program copied from a layer of an earlier one of this build is of this build too.
            if (begun > DateTimeOffset.UnixEpoch)
                first ??= begun;
            var since = begun > DateTimeOffset.UnixEpoch ? first!.Value : begun;
            set.Add(Known((chain[i], baseLayers, epoch.ToUnixTimeSeconds()), set, lease)
                ?? content.Layers.SetTimes(stack[i], [.. stack.Take(i)], [.. set], epoch, since, lease, cancellationToken));
            if (_known.Count >= MostKept)
                _known.Clear();
            _known[(chain[i], baseLayers, epoch.ToUnixTimeSeconds())] = set[^1].DiffId;
        }

        return [.. set.Select(layer => layer.DiffId)];
    }

    private LayerRecord? Known((Digest Chain, int Base, long Epoch) key, List<LayerRecord> below, Lease lease)
    {
        if (!_known.TryGetValue(key, out var diffId))
            return null;
        // Held before it is looked for: what is found then stays.
        lease.Hold(diffId);
        return content.Layers.Find(diffId, ChainIds.Of([.. below.Select(layer => layer.DiffId), diffId])[^1]);
    }
}
