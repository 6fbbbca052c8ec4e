using System.Collections.Concurrent;
using Gantry.Build;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>The engine's cache, and those that one build names besides.</summary>
/// <remarks>
/// What a cache says of a key cannot be proven: a layer is what some program wrote. So it counts for the build that names the
/// cache alone, the engine's own cache is not told of it, and all it can decide is the one layer that a step lays on what is
/// below, whose digest is verified. Layers are fetched when a step needs files, or in the end.
/// </remarks>
internal sealed class CacheImports(IBuildCache local, ContentStore content, Lease lease) : IBuildCache, IDisposable
{
    private const int MostFetches = 3;

    private readonly List<(ICacheSource Source, CacheDocument Document)> _sources = [];
    private readonly ConcurrentDictionary<StepResult, bool> _found = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<Digest, (ICacheSource Source, CacheLayer Layer)> _layers = new();
    private readonly SemaphoreSlim _fetching = new(1);

    /// <summary>Whether there is any.</summary>
    public bool HasAny => _sources.Count > 0;

    /// <summary>Contents of cache mounts that a source has: the first that has one of a name counts.</summary>
    public IEnumerable<(ICacheSource Source, string Name, CacheLayer Layer)> Mounts =>
        _sources.SelectMany(s => s.Document.Mounts.Select(m => (s.Source, m.Key, s.Document.Layers[m.Value]))).DistinctBy(static m => m.Key);

    /// <summary>Takes a cache in.</summary>
    public void Add(ICacheSource source, CacheDocument document) => _sources.Add((source, document));

    /// <summary>Asks a cache no more.</summary>
    public void Remove(ICacheSource source)
    {
        _sources.RemoveAll(s => s.Source == source);
        foreach (var layer in _layers.Where(l => l.Value.Source == source))
            _layers.TryRemove(layer.Key, out _);
    }

    /// <inheritdoc/>
    public StepResult? Find(Digest key, Vertex vertex, IReadOnlyList<StepResult> inputs)
    {
        if (local.Find(key, vertex, inputs) is { } known)
            return known;
        // Others make no layer of their own.
        if (vertex is not (FileStep or ExecStep))
            return null;
        var below = vertex.Root is { } place ? BuildTree.Of(inputs[place]) : BuildTree.Empty;
        if (below.Directory is not null)
            return null;
        foreach (var (source, document) in _sources)
        {
            if (!document.Records.TryGetValue(key, out var position))
                continue;
            var layer = document.Layers[position];
            _layers.TryAdd(layer.DiffId, (source, layer));
            var result = BuildTrees.ResultOf([.. below.Layers, layer.DiffId]);
            _found[result] = true;
            return result;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Save(Digest key, StepResult result, Vertex vertex)
    {
        if (!_found.ContainsKey(result))
            local.Save(key, result, vertex);
    }

    /// <summary>Fetches what of a tree is not here yet.</summary>
    /// <exception cref="GantryException">It cannot be had; the cause is a <see cref="BrokenCacheException"/>.</exception>
    public async Task EnsureAsync(StepResult result, CancellationToken cancellationToken)
    {
        var tree = BuildTree.Of(result);
        if (tree.Layers.All(diffId => !_layers.ContainsKey(diffId)))
            return;
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            await PlaceAsync(tree.Layers, cancellationToken);
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Dispose() => _fetching.Dispose();

    private async Task PlaceAsync(IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        var chain = ChainIds.Of(diffIds);
        foreach (var diffId in diffIds)
            lease.Hold(diffId);
        var unpacking = new Dictionary<int, Task<UnpackedLayer>>();
        using var slots = new SemaphoreSlim(MostFetches);
        for (var i = 0; i < diffIds.Count; i++)
        {
            if (content.Layers.Find(diffIds[i], chain[i]) is null && _layers.TryGetValue(diffIds[i], out var from))
                unpacking[i] = UnpackAsync(from.Source, from.Layer, slots, cancellationToken);
        }

        var placed = new List<LayerRecord>();
        try
        {
            for (var i = 0; i < diffIds.Count; i++)
            {
                if (!unpacking.TryGetValue(i, out var task))
                {
                    placed.Add(content.Layers.Find(diffIds[i], chain[i]) ?? throw GantryException.Of(ErrorKind.NotFound, $"layer {diffIds[i]} is not in the store"));
                    continue;
                }

                using var unpacked = await task;
                unpacking.Remove(i);
                var layer = _layers[diffIds[i]].Layer;
                placed.Add(content.Layers.Describe(content.Layers.Place(unpacked, placed, layer.Blob, () => content.Blobs.Open(layer.Blob), cancellationToken), layer.Created, layer.Begun));
            }
        }
        finally
        {
            foreach (var task in unpacking.Values)
            {
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (task.IsCompletedSuccessfully)
                    (await task).Dispose();
            }
        }
    }

    private async Task<UnpackedLayer> UnpackAsync(ICacheSource source, CacheLayer layer, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            await source.FetchAsync(layer, lease, cancellationToken);
            return await content.Layers.UnpackAsync(layer.DiffId, content.Blobs.Open(layer.Blob), null, cancellationToken);
        }
        catch (GantryException broken)
        {
            throw GantryException.Of(broken.Kind, $"the cache {source.Name} lacks what it promised: {broken.Message}", cause: new BrokenCacheException(source, broken));
        }
        finally
        {
            slots.Release();
        }
    }
}
