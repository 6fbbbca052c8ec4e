using Gantry.Distribution;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>One pull: manifest → configuration → layers, all at once → rows; or one after another for all tags of a repository.</summary>
internal sealed class PullOperation(ImageRoom room, LayerFetches fetches, Platform? platform, Action<ImageProgress> progress)
{
    /// <summary>Whether the name that it is pulled by becomes the image's; otherwise only its manifest's digest does.</summary>
    public bool Tags { get; init; } = true;

    /// <summary>Pulls one image.</summary>
    public async Task<ImageRecord> RunAsync(RepositoryClient repository, ImageReference named, CancellationToken cancellationToken)
    {
        var reference = named.WithDefaultTag();
        var (image, isNew) = await PullAsync(repository, reference, cancellationToken);
        Close(reference, isNew, image.Id);
        return image;
    }

    /// <summary>Reads an image's configuration, and fetches none of its layers.</summary>
    /// <param name="name">What people call the image.</param>
    public async Task<ResolvedImage> LookUpAsync(IImageSource source, string tagOrDigest, string name, CancellationToken cancellationToken)
    {
        try
        {
            using var lease = room.Content.Leases.Open();
            var (manifest, document) = await ChooseAsync(source, await source.GetManifestAsync(tagOrDigest, cancellationToken), cancellationToken);
            return Described(manifest, document, await ConfigurationAsync(source, document, name, lease, cancellationToken));
        }
        finally
        {
            room.Content.Collector.Collect();
        }
    }

    /// <summary>Fetches an image for the holder of a lease: it becomes none of the engine's images, and goes with the lease.</summary>
    /// <param name="name">What people call the image.</param>
    public async Task<ResolvedImage> BorrowAsync(IImageSource source, string tagOrDigest, string name, Lease lease, CancellationToken cancellationToken)
    {
        var (manifest, document) = await ChooseAsync(source, await source.GetManifestAsync(tagOrDigest, cancellationToken), cancellationToken);
        var configuration = await ConfigurationAsync(source, document, name, lease, cancellationToken);
        await LayersAsync(source, document, configuration, lease, cancellationToken);
        return Described(manifest, document, configuration);
    }

    /// <summary>Pulls the images of all tags.</summary>
    public async Task RunAllAsync(RepositoryClient repository, ImageReference named, CancellationToken cancellationToken)
    {
        var anyNew = false;
        foreach (var tag in await repository.GetTagsAsync(cancellationToken))
        {
            var (_, isNew) = await PullAsync(repository, named.WithTag(tag), cancellationToken);
            anyNew |= isNew;
        }

        Close(named, anyNew, null);
    }

    private void Close(ImageReference reference, bool isNew, Digest? image)
    {
        progress(new() { Status = isNew ? $"Status: Downloaded newer image for {reference.Familiar}" : $"Status: Image is up to date for {reference.Familiar}" });
        room.Tell("pull", reference.Familiar, reference.FamiliarName, image);
    }

    private static ResolvedImage Described(FetchedManifest manifest, ImageManifest document, ImageConfiguration configuration) =>
        new() { Id = document.Config.Digest, Configuration = configuration, Manifest = Describe(manifest) };

    private static Descriptor Describe(FetchedManifest manifest) => new() { MediaType = manifest.MediaType, Digest = manifest.Digest, Size = manifest.Content.Length };

    private async Task<(ImageRecord Image, bool IsNew)> PullAsync(RepositoryClient repository, ImageReference reference, CancellationToken cancellationToken)
    {
        using var lease = room.Content.Leases.Open();
        try
        {
            // 1 resolve: name → manifest for this platform
            var top = await repository.GetManifestAsync(reference.Digest?.ToString() ?? reference.Tag!, cancellationToken);
            progress(new() { Status = $"Pulling from {reference.Path}", Id = reference.Digest?.ToString() ?? reference.Tag });
            var (manifest, document) = await ChooseAsync(repository, top, cancellationToken);
            FailPoint.Hit("pull.resolve");

            // 2 configuration: what the layers must turn out to be
            var configuration = await ConfigurationAsync(repository, document, reference.Familiar, lease, cancellationToken);
            FailPoint.Hit("pull.configuration");

            // 3 layers: downloaded and unpacked side by side, put in place in order
            var placed = await LayersAsync(repository, document, configuration, lease, cancellationToken);
            FailPoint.Hit("pull.layers");

            // 4 record: COMMIT
            var id = document.Config.Digest;
            var before = reference.Tag is null ? room.Content.Images.FindDigest(reference) : room.Content.Images.FindTag(reference);
            Add(top, lease);
            Add(manifest, lease);
            var record = new ImageRecord
            {
                Id = id,
                Manifest = Describe(manifest),
                SizeBytes = placed.Sum(l => l.SizeBytes),
                CreatedSeconds = ImageTimes.Seconds(configuration.Created),
            };
            List<ImageReference> names = [reference.WithDigest(Tags ? top.Digest : manifest.Digest)];
            if (Tags && reference.Tag is not null && reference.Digest is null)
                names.Add(reference);
            room.Content.Images.Add(record, configuration.RootFs.DiffIds, [id, top.Digest, manifest.Digest, .. document.Layers.Select(l => l.Digest)], names, room.Time.GetUtcNow());

            progress(new() { Status = $"Digest: {top.Digest}" });
            return (room.Content.Images.Find(id)!, before?.Id != id);
        }
        catch
        {
            lease.Dispose();
            room.Content.Collector.Collect();
            throw;
        }
    }

    private static bool IsLayer(string mediaType) => mediaType is
        MediaTypes.OciLayer or MediaTypes.OciLayerGzip or MediaTypes.OciLayerZstd or MediaTypes.DockerLayer or MediaTypes.DockerLayerGzip or MediaTypes.DockerLayerZstd;

    // The manifest for the platform, of an index or by itself.
    private async Task<(FetchedManifest Manifest, ImageManifest Document)> ChooseAsync(IImageSource source, FetchedManifest top, CancellationToken cancellationToken)
    {
        var manifest = top.IsIndex ? await ChooseAsync(source, top, platform ?? PlatformChoice.Host, cancellationToken) : top;
        var document = ImageDocuments.ReadManifest(manifest.Content.Span);
        foreach (var layer in document.Layers.Where(l => !IsLayer(l.MediaType)))
            throw ImageErrors.UnknownLayerType(layer.MediaType);
        return (manifest, document);
    }

    private static async Task<FetchedManifest> ChooseAsync(IImageSource source, FetchedManifest top, Platform wanted, CancellationToken cancellationToken)
    {
        var index = ImageDocuments.ReadIndex(top.Content.Span);
        var chosen = PlatformChoice.Choose(index.Manifests, wanted) ?? throw ImageErrors.NoMatchingManifest(PlatformChoice.Text(wanted));
        var manifest = await source.GetManifestAsync(chosen.Digest.ToString(), cancellationToken);
        return !manifest.IsIndex ? manifest : throw GantryException.Of(ErrorKind.NotSupported, "the image's index refers to another index, which is not supported");
    }

    // A configuration that tells no platform is taken as it is, as Docker does.
    private static void RequirePlatform(ImageConfiguration configuration, Platform? asked, string name)
    {
        if (configuration is { Os: { Length: > 0 } os } && os != "linux")
            throw GantryException.Of(ErrorKind.NotSupported, $"{name} is for {os}, not for linux: it cannot run here");
        if (asked is not null && configuration is { Os: { Length: > 0 }, Architecture: { Length: > 0 } architecture } && !PlatformChoice.Fits(new() { Os = configuration.Os, Architecture = architecture, Variant = configuration.Variant }, asked))
            throw GantryException.Of(ErrorKind.NotFound, $"image with reference {name} was found but its platform ({configuration.Os}/{architecture}) does not match the specified platform ({PlatformChoice.Text(asked)})");
    }

    private async Task<ImageConfiguration> ConfigurationAsync(IImageSource source, ImageManifest manifest, string name, Lease lease, CancellationToken cancellationToken)
    {
        var descriptor = manifest.Config;
        if (descriptor.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig))
            throw GantryException.Of(ErrorKind.NotSupported, $"the manifest is not of a container image: its configuration is of type {descriptor.MediaType}");
        if (descriptor.Size > ImageDocuments.LargestConfiguration)
            throw GantryException.Of(ErrorKind.Invalid, $"the image's configuration has {descriptor.Size} bytes, more than the {ImageDocuments.LargestConfiguration} allowed");
        lease.Hold(descriptor.Digest);
        if (!room.Content.Blobs.Contains(descriptor.Digest))
        {
            using var ingest = room.Content.Blobs.Receive(descriptor.Digest, descriptor.Size, lease);
            await source.DownloadAsync(descriptor, bytes => ingest.Write(bytes.Span), cancellationToken);
            ingest.Commit();
        }

        var configuration = room.ConfigurationOf(descriptor.Digest);
        if (configuration.RootFs.DiffIds.Count != manifest.Layers.Count)
            throw GantryException.Of(ErrorKind.Invalid, $"the image contradicts itself: {manifest.Layers.Count} layers in its manifest, {configuration.RootFs.DiffIds.Count} in its configuration");
        RequirePlatform(configuration, platform, name);
        return configuration;
    }

    private async Task<IReadOnlyList<LayerRecord>> LayersAsync(IImageSource source, ImageManifest manifest, ImageConfiguration configuration, Lease lease, CancellationToken cancellationToken)
    {
        var diffIds = configuration.RootFs.DiffIds;
        var chain = ChainIds.Of(diffIds);
        var tickets = new LayerTicket?[diffIds.Count];
        try
        {
            for (var i = 0; i < tickets.Length; i++)
            {
                var blob = manifest.Layers[i];
                lease.Hold(blob.Digest);
                lease.Hold(diffIds[i]);
                if (room.Content.Layers.Find(diffIds[i], chain[i]) is not null && room.Content.Blobs.Contains(blob.Digest))
                    progress(new() { Id = blob.Digest.Short, Status = "Already exists" });
                else
                    tickets[i] = fetches.Join(source, blob, diffIds[i], lease, progress);
            }

            // The first failure ends the pull, wherever in the stack it is.
            var waiting = tickets.OfType<LayerTicket>().Select(t => (Task)t.Layer).ToHashSet();
            var placed = new List<LayerRecord>();
            for (var i = 0; i < tickets.Length; i++)
            {
                if (tickets[i] is { } ticket)
                {
                    while (!ticket.Layer.IsCompletedSuccessfully)
                    {
                        var done = await Task.WhenAny(waiting).WaitAsync(cancellationToken);
                        waiting.Remove(done);
                        await done;
                    }

                    var blob = manifest.Layers[i];
                    var layer = await ticket.Layer;
                    placed.Add(room.Content.Layers.Place(layer, placed, blob.Digest, () => room.Content.Blobs.Open(blob.Digest), cancellationToken));
                    await ticket.DisposeAsync();
                    progress(new() { Id = blob.Digest.Short, Status = "Pull complete" });
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
            foreach (var ticket in tickets.OfType<LayerTicket>())
                await ticket.DisposeAsync();
        }
    }

    private void Add(FetchedManifest manifest, Lease lease)
    {
        lease.Hold(manifest.Digest);
        if (room.Content.Blobs.Contains(manifest.Digest))
            return;
        using var ingest = room.Content.Blobs.Receive(manifest.Digest, manifest.Content.Length, lease);
        ingest.Write(manifest.Content.Span);
        ingest.Commit();
    }
}
