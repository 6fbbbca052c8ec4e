using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>The layers of images as archives, compressed as an output wants them.</summary>
/// <remarks>What has to be made for it is held by the lease alone. A layer that several images have is made once.</remarks>
internal sealed class LayerExport(ContentStore content, Lease lease, ExportOptions options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(Environment.ProcessorCount);
    private readonly Dictionary<Digest, Task<Digest>> _packed = [];

    /// <summary>The archives of a stack, oldest first.</summary>
    public async Task<IReadOnlyList<ExportedLayer>> OfAsync(IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        var stack = content.Layers.Stack(diffIds);
        var chain = ChainIds.Of(diffIds);
        List<Task<Digest>> packing = [.. stack.Select((layer, i) =>
            _packed.TryGetValue(chain[i], out var known) ? known : _packed[chain[i]] = PackAsync(layer, [.. stack.Take(i)], cancellationToken))];
        var blobs = await Task.WhenAll(packing);
        return [.. blobs.Select(Exported)];
    }

    /// <summary>The archive of the topmost layer of a stack alone.</summary>
    public async Task<ExportedLayer> OfTopAsync(IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        var stack = content.Layers.Stack(diffIds);
        return Exported(await PackAsync(stack[^1], [.. stack.SkipLast(1)], cancellationToken));
    }

    public void Dispose() => _slots.Dispose();

    private ExportedLayer Exported(Digest blob) => new(blob, content.Blobs.SizeOf(blob) ?? 0, LayerPacker.CompressionOf(content, blob));

    private async Task<Digest> PackAsync(LayerRecord layer, IReadOnlyList<LayerRecord> below, CancellationToken cancellationToken)
    {
        var wanted = options.Compression ?? LayerCompression.Gzip;
        if (content.Blobs.Contains(layer.Blob))
        {
            var actual = LayerPacker.CompressionOf(content, layer.Blob);
            // What came compressed is left as it came: its digest is known to registries.
            if (actual == wanted || (actual != LayerCompression.None && !options.ForceCompression))
            {
                lease.Hold(layer.Blob);
                return layer.Blob;
            }
        }

        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await Threads.RunAsync(() => new LayerPacker(content, lease).Pack(layer, below, wanted, options.CompressionLevel, cancellationToken));
        }
        finally
        {
            _slots.Release();
        }
    }
}
