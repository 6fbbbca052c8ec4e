using System.Buffers;
using System.Globalization;
using Gantry.Distribution;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>One import: a root filesystem's archive → an image of one layer.</summary>
internal sealed class ImportOperation(ImageRoom room)
{
    public async Task<Digest> RunAsync(Stream archive, ImageImportSpec spec, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        // 1 validate, before anything is read
        var platform = spec.Platform ?? PlatformChoice.Host;
        if (spec.Reference?.Digest is not null)
            throw GantryException.Of(ErrorKind.Invalid, "cannot import digest reference");
        var config = ConfigurationChanges.Apply(new ImageConfig(), spec.Changes);
        using var lease = room.Content.Leases.Open();
        try
        {
            // 2 layer: stored as it comes, unpacked while it comes
            using var ingest = room.Content.Blobs.Receive(null, null, lease);
            var unpacking = room.Content.Layers.UnpackAsync(null, ingest.Follow(), null, cancellationToken);
            try
            {
                await ReceiveAsync(archive, ingest, unpacking, cancellationToken);
            }
            catch (Exception e)
            {
                ingest.Fail(e);
                await DropAsync(unpacking);
                throw;
            }

            using var layer = await unpacking;
            var blob = ingest.Digest!.Value;
            lease.Hold(layer.DiffId);
            var placed = room.Content.Layers.Place(layer, [], blob, () => room.Content.Blobs.Open(blob), cancellationToken);
            FailPoint.Hit("import.layer");

            // 3 configuration
            var created = room.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
            var configuration = new ImageConfiguration
            {
                Created = created,
                Architecture = platform.Architecture,
                Os = platform.Os,
                Variant = platform.Variant,
                Config = config,
                RootFs = new() { DiffIds = [layer.DiffId] },
                Comment = spec.Message,
                History = [new() { Created = created, CreatedBy = "", Comment = spec.Message ?? $"Imported from {spec.Source}" }],
            };
            var writer = new ArrayBufferWriter<byte>();
            ImageDocuments.Write(writer, configuration);
            var id = room.Content.Blobs.Add(writer.WrittenSpan, lease);
            FailPoint.Hit("import.configuration");

            // 4 record: COMMIT
            new LocalImage(room).Record(id, configuration, [blob], [placed], null, spec.Reference is null ? [] : [spec.Reference.WithDefaultTag()], lease);
            room.Tell("import", id.ToString(), id.ToString(), id);
            progress(new() { Status = id.ToString() });
            return id;
        }
        catch
        {
            lease.Dispose();
            room.Content.Collector.Collect();
            throw;
        }
    }

    private static async Task ReceiveAsync(Stream archive, BlobIngest ingest, Task<UnpackedLayer> unpacking, CancellationToken cancellationToken)
    {
        var buffer = new byte[256 << 10];
        while (true)
        {
            var read = await archive.ReadAsync(buffer, cancellationToken);
            if (read == 0)
                break;
            // Refused: the rest need not come.
            if (unpacking.IsFaulted)
                await unpacking;
            ingest.Write(buffer.AsSpan(0, read));
        }

        ingest.Commit();
    }

    private static async Task DropAsync(Task<UnpackedLayer> unpacking)
    {
        try
        {
            (await unpacking).Dispose();
        }
        catch (Exception e) when (e is GantryException or OperationCanceledException or IOException)
        {
            // The failure that led here is the one that is told.
        }
    }
}
