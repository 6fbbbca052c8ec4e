using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Writes what a build found out for other engines: its steps' keys, and the layers that they made.</summary>
internal sealed class CacheExport(ContentStore content, CacheMounts mounts, string scratch)
{
    private const int MostUploads = 4;

    // The archives that layers became before: their digests are known without packing them again.
    private readonly ConcurrentDictionary<(Digest DiffId, LayerCompression? Kind, int? Level, bool Force), Descriptor> _packed = new();

    /// <summary>Chooses what goes out, by the layers' diff ids.</summary>
    /// <param name="all">Also of stages that only gave files to others (<c>mode=max</c>).</param>
    public static Dictionary<Digest, IReadOnlyList<Digest>> Choose(CacheRecorder results, IReadOnlyList<BuildTree> finals, bool all) => results.Results.Values
        .Select(static entry => BuildTree.Of(entry.Result).Layers)
        .Where(layers => layers.Count > 0 && (all || finals.Any(final => final.Layers.Contains(layers[^1]))))
        .GroupBy(static layers => layers[^1])
        .ToDictionary(static group => group.Key, static group => group.First());

    /// <summary>Writes a cache.</summary>
    /// <param name="stacks">What <see cref="Choose"/> chose; all of it must be in the store.</param>
    /// <param name="runner">Tells the digests of what steps copied.</param>
    /// <param name="told">Is told of each part.</param>
    /// <returns>Its manifest.</returns>
    /// <exception cref="GantryException">The target does not take it.</exception>
    public async Task<Descriptor> WriteAsync(CacheRecorder results, Dictionary<Digest, IReadOnlyList<Digest>> stacks, ICacheTarget target, CacheShape shape, IStepRunner runner, Action<string> told, CancellationToken cancellationToken)
    {
        var chosen = stacks.OrderBy(static s => s.Value.Count).ThenBy(static s => s.Key.ToString(), StringComparer.Ordinal).ToList();
        List<Descriptor> blobs = [.. await PutLayersAsync([.. chosen.Select(static s => s.Value)], target, shape, told, cancellationToken)];
        List<CacheLayer> layers = [.. chosen.Zip(blobs, (stack, blob) => LayerOf(content.Layers.Stack(stack.Value)[^1], blob))];
        var places = chosen.Select((stack, place) => (stack.Key, place)).ToDictionary(static p => p.Key, static p => p.place);
        var kept = shape.WithMounts ? await PutMountsAsync(results, layers, blobs, target, cancellationToken) : [];
        var records = await RecordsAsync(results, runner, made => places.TryGetValue(made[^1], out var place) ? (place, BuildTrees.ResultOf([.. made.SkipLast(1)]).Identity) : null, cancellationToken);
        var document = new CacheDocument { Layers = layers, Records = records, Mounts = kept }.Write();
        var config = new Descriptor { MediaType = CacheDocument.MediaType, Digest = Digest.OfSha256(SHA256.HashData(document)), Size = document.Length };
        told($"writing config {config.Digest}");
        await target.PutAsync(config, () => new MemoryStream(document), cancellationToken);
        var (mediaType, manifest) = CacheManifests.Write(config, [.. blobs.DistinctBy(static blob => blob.Digest)], shape);
        var root = new Descriptor { MediaType = mediaType, Digest = Digest.OfSha256(SHA256.HashData(manifest)), Size = manifest.Length };
        told($"writing {(shape.IsImage ? "cache image manifest" : "cache manifest list")} {root.Digest}");
        await target.FinishAsync(mediaType, manifest, cancellationToken);
        return root;
    }

    /// <summary>The cache of a result as its image carries it: the places of layers are the image's.</summary>
    /// <param name="final">The result's tree, as its steps made it.</param>
    /// <param name="image">The image's layers: the same, or with their times set.</param>
    /// <param name="runner">Tells the digests of what steps copied.</param>
    public async Task<byte[]> InlineAsync(CacheRecorder results, BuildTree final, BuildTree image, IStepRunner runner, CancellationToken cancellationToken)
    {
        var places = new Dictionary<Digest, int>();
        var layers = new List<CacheLayer>();
        foreach (var record in content.Layers.Stack(image.Layers))
        {
            if (places.TryAdd(record.DiffId, layers.Count))
                layers.Add(LayerOf(record, new() { MediaType = MediaTypes.OciLayer, Digest = record.DiffId }));
        }

        // The keys that the steps have on the image's layers: who takes the first of these finds the next on it.
        var records = await RecordsAsync(results, runner, Find, cancellationToken);
        return new CacheDocument { Layers = layers, Records = records }.Write();

        (int Place, Digest Below)? Find(IReadOnlyList<Digest> made) => made.Count <= final.Layers.Count && made.SequenceEqual(final.Layers.Take(made.Count))
            ? (places[image.Layers[made.Count - 1]], BuildTrees.ResultOf([.. image.Layers.Take(made.Count - 1)]).Identity)
            : null;
    }

    // The keys that lead to layers, wherever they are looked for.
    private static async Task<Dictionary<Digest, int>> RecordsAsync(CacheRecorder results, IStepRunner runner, Func<IReadOnlyList<Digest>, (int Place, Digest Below)?> find, CancellationToken cancellationToken)
    {
        var records = new Dictionary<Digest, int>();
        foreach (var (vertex, result) in results.Results.Values.DistinctBy(static entry => entry.Vertex))
        {
            if (BuildTree.Of(result).Layers is not { Count: > 0 } made || find(made) is not { } found || results.InputsOf(vertex) is not { } inputs)
                continue;
            var digests = inputs.Select(static input => input.Identity).ToArray();
            if (vertex.Root is { } root)
                digests[root] = found.Below;
            // What a directory is known by is known to this engine alone.
            if (!vertex.Inputs.Any(static input => input is LocalContext))
                records[vertex.Key(digests)] = found.Place;
            if (await ContentDigests.FillAsync(digests, vertex, inputs, runner, cancellationToken))
                records[vertex.Key(digests)] = found.Place;
        }

        return records;
    }

    private static CacheLayer LayerOf(LayerRecord record, Descriptor blob) => new()
    {
        Blob = blob.Digest,
        MediaType = blob.MediaType,
        SizeBytes = blob.Size,
        DiffId = record.DiffId,
        Created = record.Created,
        Begun = record.Begun,
    };

    // Side by side; what has to be packed for it is gone with the lease.
    private async Task<IReadOnlyList<Descriptor>> PutLayersAsync(IReadOnlyList<IReadOnlyList<Digest>> stacks, ICacheTarget target, CacheShape shape, Action<string> told, CancellationToken cancellationToken)
    {
        try
        {
            using var lease = content.Leases.Open();
            using var archives = new LayerExport(content, lease, shape.Layers);
            var blobs = new Descriptor[stacks.Count];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, stacks.Count),
                new ParallelOptions { MaxDegreeOfParallelism = MostUploads, CancellationToken = cancellationToken },
                async (i, token) => blobs[i] = await PutLayerAsync(stacks[i], archives, target, shape, told, token));
            return blobs;
        }
        finally
        {
            content.Collector.Collect();
        }
    }

    private async Task<Descriptor> PutLayerAsync(IReadOnlyList<Digest> stack, LayerExport archives, ICacheTarget target, CacheShape shape, Action<string> told, CancellationToken cancellationToken)
    {
        var key = (stack[^1], shape.Layers.Compression, shape.Layers.CompressionLevel, shape.Layers.ForceCompression);
        if (_packed.TryGetValue(key, out var known) && await target.HasAsync(known, cancellationToken))
            return known;
        var archive = await archives.OfTopAsync(stack, cancellationToken);
        var blob = archive.Describe(shape.IsOci);
        told($"writing layer {blob.Digest}");
        await target.PutAsync(blob, () => content.Blobs.Open(blob.Digest), cancellationToken);
        return _packed[key] = blob;
    }

    private async Task<Dictionary<string, int>> PutMountsAsync(CacheRecorder results, List<CacheLayer> layers, List<Descriptor> blobs, ICacheTarget target, CancellationToken cancellationToken)
    {
        var kept = new Dictionary<string, int>(StringComparer.Ordinal);
        var names = results.Results.Values.Select(static entry => entry.Vertex).OfType<ExecStep>().SelectMany(static step => step.Mounts)
            .Where(static mount => mount is { Kind: StepMountKind.Cache, Id: not null, Sharing: not CacheSharing.Private }).Select(static mount => CacheMounts.NameOf(mount.Id!)).Distinct().Order(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (mounts.PathOf(name) is not { } path)
                continue;
            var (blob, diffId) = await PackAsync(
                output =>
                {
                    using var root = Files.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
                    var writer = new TarWriter(output);
                    new TreeArchive(writer, cancellationToken).AddDirectory(root, "."u8.ToArray());
                    writer.Finish();
                },
                target,
                cancellationToken);
            kept[name] = layers.Count;
            layers.Add(new() { Blob = blob.Digest, MediaType = blob.MediaType, SizeBytes = blob.Size, DiffId = diffId });
            blobs.Add(blob);
        }

        return kept;
    }

    // Through a file: its digest must be known before it is sent.
    private async Task<(Descriptor Blob, Digest DiffId)> PackAsync(Action<Stream> write, ICacheTarget target, CancellationToken cancellationToken)
    {
        var path = Path.Combine(scratch, Path.GetRandomFileName());
        try
        {
            var (blob, diffId) = await Threads.RunAsync(() => PackedArchive.Write(path, write));
            await target.PutAsync(blob, () => File.OpenRead(path), cancellationToken);
            return (blob, diffId);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
