using System.Buffers;
using System.Globalization;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>One commit: a parent's layers and a new one → an image.</summary>
/// <remarks>Source: moby daemon/images/image_commit.go, image/image.go NewChildImage.</remarks>
internal sealed class CommitOperation(ImageRoom room)
{
    // The digest of an archive without entries: such a layer is none. Source: moby layer/empty.go.
    private static readonly Digest s_emptyLayer = Digest.Parse("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");

    public async Task<Digest> RunAsync(ImageCommitSpec spec, CancellationToken cancellationToken)
    {
        // 1 validate
        var name = spec.Reference?.WithDefaultTag();
        if (name?.Digest is not null)
            throw GantryException.Of(ErrorKind.Invalid, "refusing to create a tag with a digest reference");
        using var lease = room.Content.Leases.Open();
        var parent = room.Content.Images.Find(spec.Parent) ?? throw GantryException.Of(ErrorKind.NotFound, $"No such image: {spec.Parent}: the container's image was removed, so nothing can be built on it");
        var below = room.ConfigurationOf(parent.Id);
        foreach (var diffId in below.RootFs.DiffIds)
            lease.Hold(diffId);
        try
        {
            // 2 layer: unpacked while it is written
            using var ingest = room.Content.Blobs.Receive(null, null, lease);
            using var layer = await ReceiveAsync(ingest, spec, cancellationToken);
            var blob = ingest.Digest!.Value;
            lease.Hold(layer.DiffId);

            // 3 configuration
            var changed = layer.DiffId != s_emptyLayer;
            var stack = room.Content.Layers.Stack(below.RootFs.DiffIds);
            IReadOnlyList<LayerRecord> placed = changed ? [.. stack, room.Content.Layers.Place(layer, stack, blob, () => room.Content.Blobs.Open(blob), cancellationToken)] : stack;
            var configuration = Describe(below, spec, changed ? layer.DiffId : null);
            var writer = new ArrayBufferWriter<byte>();
            ImageDocuments.Write(writer, configuration);
            var id = room.Content.Blobs.Add(writer.WrittenSpan, lease);

            // 4 record: COMMIT
            var blobs = room.Content.Blobs.Contains(parent.Manifest.Digest)
                ? ImageDocuments.ReadManifest(room.Content.Blobs.Read(parent.Manifest.Digest, ImageDocuments.LargestManifest)).Layers.Select(l => l.Digest)
                : stack.Select(l => l.Blob);
            new LocalImage(room).Record(id, configuration, changed ? [.. blobs, blob] : [.. blobs], placed, null, name is null ? [] : [name], lease, parent.Id);
            room.Tell("create", id.ToString(), id.ToString(), id);
            if (name is not null)
                room.Tell("tag", id.ToString(), name.Familiar, id);
            return id;
        }
        finally
        {
            lease.Dispose();
            // What a failure left, or a layer that turned out to be empty.
            room.Content.Collector.Collect();
        }
    }

    private async Task<UnpackedLayer> ReceiveAsync(BlobIngest ingest, ImageCommitSpec spec, CancellationToken cancellationToken)
    {
        var unpacking = room.Content.Layers.UnpackAsync(null, ingest.Follow(), null, cancellationToken);
        try
        {
            await Threads.RunAsync(() =>
            {
                spec.WriteLayer(new IngestStream(ingest), cancellationToken);
                ingest.Commit();
            });
        }
        catch (Exception e)
        {
            ingest.Fail(e);
            try
            {
                (await unpacking).Dispose();
            }
            catch (Exception follower) when (follower is GantryException or OperationCanceledException or IOException)
            {
                // The failure that led here is the one that is told.
            }

            throw;
        }

        return await unpacking;
    }

    private ImageConfiguration Describe(ImageConfiguration parent, ImageCommitSpec spec, Digest? layer)
    {
        var created = room.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        return parent with
        {
            Created = created,
            Author = spec.Author.Length == 0 ? null : spec.Author,
            Config = spec.Config,
            Comment = spec.Comment.Length == 0 ? null : spec.Comment,
            RootFs = layer is { } diffId ? new() { DiffIds = [.. parent.RootFs.DiffIds, diffId] } : parent.RootFs,
            History =
            [
                .. parent.History ?? [],
                new()
                {
                    Created = created,
                    CreatedBy = spec.CreatedBy,
                    Author = spec.Author.Length == 0 ? null : spec.Author,
                    Comment = spec.Comment.Length == 0 ? null : spec.Comment,
                    EmptyLayer = layer is null,
                },
            ],
        };
    }
}
