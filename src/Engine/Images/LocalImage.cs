using System.Buffers;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>Makes an image of content that is in the blob store already: unpacks its layers and records it.</summary>
internal sealed class LocalImage(ImageRoom room)
{
    /// <summary>Unpacks what is not unpacked yet, in parallel, and puts it in place.</summary>
    /// <param name="blobs">The layers' archives, oldest first.</param>
    public async Task<IReadOnlyList<LayerRecord>> UnpackAsync(IReadOnlyList<Digest> blobs, IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        var chain = ChainIds.Of(diffIds);
        var placed = new List<LayerRecord>();
        var unpacking = new Dictionary<int, Task<UnpackedLayer>>();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // A few ahead of the one that is to be placed: as many as there are processors.
            var next = 0;
            for (var i = 0; i < diffIds.Count; i++)
            {
                for (; next < diffIds.Count && next <= i + Environment.ProcessorCount; next++)
                {
                    if (room.Content.Layers.Find(diffIds[next], chain[next]) is null)
                        unpacking[next] = room.Content.Layers.UnpackAsync(diffIds[next], room.Content.Blobs.Open(blobs[next]), null, stopping.Token);
                }

                var blob = blobs[i];
                if (unpacking.Remove(i, out var task))
                {
                    using var layer = await task;
                    placed.Add(room.Content.Layers.Place(layer, placed, blob, () => room.Content.Blobs.Open(blob), cancellationToken));
                }
                else
                {
                    placed.Add(room.Content.Layers.Find(diffIds[i], chain[i])!);
                }
            }

            return placed;
        }
        finally
        {
            await stopping.CancelAsync();
            foreach (var left in unpacking.Values)
            {
                try
                {
                    (await left).Dispose();
                }
                catch (Exception e) when (e is GantryException or OperationCanceledException or IOException)
                {
                    // The first failure is the one that is told.
                }
            }
        }
    }

    /// <summary>Records an image and its names: COMMIT.</summary>
    /// <param name="manifest">Its manifest when it came with one; null: one is made.</param>
    /// <param name="parent">The image that it was made on; null when it came whole.</param>
    public void Record(Digest id, ImageConfiguration configuration, IReadOnlyList<Digest> blobs, IReadOnlyList<LayerRecord> placed, Descriptor? manifest, IEnumerable<ImageReference> names, Lease lease, Digest? parent = null)
    {
        manifest ??= MakeManifest(id, blobs, placed, lease);
        var record = new ImageRecord
        {
            Id = id,
            Manifest = manifest,
            Parent = parent,
            SizeBytes = placed.Sum(l => l.SizeBytes),
            CreatedSeconds = ImageTimes.Seconds(configuration.Created),
        };
        room.Content.Images.Add(record, configuration.RootFs.DiffIds, [id, manifest.Digest, .. blobs], names, room.Time.GetUtcNow());
    }

    private Descriptor MakeManifest(Digest id, IReadOnlyList<Digest> blobs, IReadOnlyList<LayerRecord> placed, Lease lease)
    {
        var document = new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = new() { MediaType = MediaTypes.OciConfig, Digest = id, Size = room.Content.Blobs.SizeOf(id) ?? 0 },
            Layers = [.. blobs.Zip(placed, DescriptorOf)],
        };
        var writer = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(writer, document);
        return new() { MediaType = MediaTypes.OciManifest, Digest = room.Content.Blobs.Add(writer.WrittenSpan, lease), Size = writer.WrittenCount };
    }

    // A layer that was made here has no archive yet, but it is known what that will be.
    private Descriptor DescriptorOf(Digest blob, LayerRecord layer) => layer.ArchiveBytes is { } size && layer.Blob == blob && !room.Content.Blobs.Contains(blob)
        ? new Descriptor { MediaType = MediaTypes.OciLayer, Digest = blob, Size = size }
        : new Descriptor { MediaType = MediaTypes.OfLayer(LayerPacker.CompressionOf(room.Content, blob), oci: true), Digest = blob, Size = room.Content.Blobs.SizeOf(blob) ?? 0 };
}
