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
internal sealed class CacheExport(ContentStore content, BuildCache cache, CacheMounts mounts, string scratch)
{
    private const int MostKeysOfAResult = 8;

    // The archives that layers became before: their digests are known without packing them again.
    private readonly ConcurrentDictionary<Digest, Descriptor> _packed = new();

    /// <summary>Chooses what goes out, by the layers' diff ids.</summary>
    /// <param name="all">Also of stages that only gave files to others (<c>mode=max</c>).</param>
    public static Dictionary<Digest, IReadOnlyList<Digest>> Choose(CacheRecorder results, IReadOnlyList<BuildTree> finals, bool all) => results.Results.Values
        .Select(static entry => BuildTree.Of(entry.Result).Layers)
        .Where(layers => layers.Count > 0 && (all || finals.Any(final => final.Layers.Contains(layers[^1]))))
        .GroupBy(static layers => layers[^1])
        .ToDictionary(static group => group.Key, static group => group.First());

    /// <summary>Writes a cache.</summary>
    /// <param name="stacks">What <see cref="Choose"/> chose; all of it must be in the store.</param>
    /// <param name="withMounts">Take along what the steps' cache mounts hold.</param>
    /// <param name="isImage">The shape of the manifest.</param>
    /// <exception cref="GantryException">The target does not take it.</exception>
    public async Task WriteAsync(CacheRecorder results, Dictionary<Digest, IReadOnlyList<Digest>> stacks, ICacheTarget target, bool withMounts, bool isImage, CancellationToken cancellationToken)
    {
        var layers = new List<CacheLayer>();
        var blobs = new List<Descriptor>();
        var places = new Dictionary<Digest, int>();
        foreach (var (diffId, stack) in stacks.OrderBy(static s => s.Value.Count).ThenBy(static s => s.Key.ToString(), StringComparer.Ordinal))
        {
            var record = content.Layers.Stack(stack)[^1];
            var blob = await PutLayerAsync(record, stack, target, cancellationToken);
            places[diffId] = layers.Count;
            layers.Add(LayerOf(record, blob));
            blobs.Add(blob);
        }

        var kept = withMounts ? await PutMountsAsync(results, layers, blobs, target, cancellationToken) : [];
        var document = new CacheDocument { Layers = layers, Records = Records(results, places), Mounts = kept }.Write();
        var config = new Descriptor { MediaType = CacheDocument.MediaType, Digest = Digest.OfSha256(SHA256.HashData(document)), Size = document.Length };
        await target.PutAsync(config, () => new MemoryStream(document), cancellationToken);
        var (mediaType, manifest) = CacheManifests.Write(config, [.. blobs.DistinctBy(static blob => blob.Digest)], isImage);
        await target.FinishAsync(mediaType, manifest, cancellationToken);
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

        var records = final.Layers.SequenceEqual(image.Layers) ? Records(results, places) : await RecordsAsync(results, final, image, places, runner, cancellationToken);
        return new CacheDocument { Layers = layers, Records = records }.Write();
    }

    // The keys that the steps have on the image's layers: who takes the first of these finds the next on it.
    private static async Task<Dictionary<Digest, int>> RecordsAsync(CacheRecorder results, BuildTree final, BuildTree image, Dictionary<Digest, int> places, IStepRunner runner, CancellationToken cancellationToken)
    {
        var records = new Dictionary<Digest, int>();
        foreach (var (vertex, result) in results.Results.Values.DistinctBy(static entry => entry.Vertex))
        {
            var made = BuildTree.Of(result).Layers;
            if (made.Count > final.Layers.Count || !made.SequenceEqual(final.Layers.Take(made.Count)) || results.InputsOf(vertex) is not { } inputs)
                continue;
            var digests = inputs.Select(static input => input.Identity).ToArray();
            if (vertex.Root is { } place)
                digests[place] = BuildTrees.ResultOf([.. image.Layers.Take(made.Count - 1)]).Identity;
            records[vertex.Key(digests)] = places[image.Layers[made.Count - 1]];
            for (var i = 0; i < digests.Length; i++)
            {
                if (vertex.SelectionOf(i) is { } selection)
                    digests[i] = await runner.DigestOfAsync(inputs[i], selection, cancellationToken);
            }

            records[vertex.Key(digests)] = places[image.Layers[made.Count - 1]];
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

    // The keys that the build came by, and others that led to the same tree before: of the files that were copied, for one.
    private Dictionary<Digest, int> Records(CacheRecorder results, Dictionary<Digest, int> places)
    {
        var records = new Dictionary<Digest, int>();
        foreach (var (key, (_, result)) in results.Results)
        {
            if (BuildTree.Of(result).Layers is not [.., var top] || !places.TryGetValue(top, out var place))
                continue;
            records[key] = place;
            foreach (var other in cache.KeysOf(result, MostKeysOfAResult))
                records[other] = place;
        }

        return records;
    }

    private async Task<Descriptor> PutLayerAsync(LayerRecord record, IReadOnlyList<Digest> stack, ICacheTarget target, CancellationToken cancellationToken)
    {
        if (content.Blobs.SizeOf(record.Blob) is { } size)
        {
            var blob = new Descriptor { MediaType = Images.LocalImage.TypeOf(content, record.Blob), Digest = record.Blob, Size = size };
            if (!await target.HasAsync(blob, cancellationToken))
                await target.PutAsync(blob, () => content.Blobs.Open(record.Blob), cancellationToken);
            return blob;
        }

        if (_packed.TryGetValue(record.DiffId, out var known) && await target.HasAsync(known, cancellationToken))
            return known;
        var below = content.Layers.Stack([.. stack.SkipLast(1)]);
        var packed = await PackAsync(output => content.Layers.WriteArchive(record, below, output, cancellationToken), record.DiffId, target, cancellationToken);
        return _packed[record.DiffId] = packed.Blob;
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
                null,
                target,
                cancellationToken);
            kept[name] = layers.Count;
            layers.Add(new() { Blob = blob.Digest, MediaType = blob.MediaType, SizeBytes = blob.Size, DiffId = diffId });
            blobs.Add(blob);
        }

        return kept;
    }

    // Through a file: its digest must be known before it is sent.
    private async Task<(Descriptor Blob, Digest DiffId)> PackAsync(Action<Stream> write, Digest? expected, ICacheTarget target, CancellationToken cancellationToken)
    {
        var path = Path.Combine(scratch, Path.GetRandomFileName());
        try
        {
            var (blob, diffId) = await Threads.RunAsync(() => PackedArchive.Write(path, write));
            if (expected is { } wanted && wanted != diffId)
                throw GantryException.Of(ErrorKind.Internal, $"layer {wanted} was changed on disk: its files now make {diffId}");
            if (!await target.HasAsync(blob, cancellationToken))
                await target.PutAsync(blob, () => File.OpenRead(path), cancellationToken);
            return (blob, diffId);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
