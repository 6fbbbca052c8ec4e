using System.Text.Json;
using Gantry.Distribution;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>One load: an archive as <c>docker save</c> writes it, or an OCI layout in a tar → images.</summary>
/// <remarks>Source: moby image/tarexport/load.go; image-spec image-layout.md.</remarks>
internal sealed class LoadOperation(ImageRoom room)
{
    // What docker save calls its list; an archive may hold many images.
    private const int MostImages = 1000;

    public async Task RunAsync(Stream archive, Platform? platform, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        using var lease = room.Content.Leases.Open();
        var committed = false;
        try
        {
            // 1 contents: every file becomes a blob; reading is synchronous, so it has a thread of its own
            using var contents = await Task.Factory.StartNew(() => ArchiveContents.Read(new BlockingStream(archive, cancellationToken), room.Content, lease, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            FailPoint.Hit("load.contents");

            // 2 images, each committed by itself
            var images = contents.Find("manifest.json") is { } list ? ReadList(list, contents)
                : contents.Find("index.json") is { } index ? ReadLayout(index, contents, platform ?? PlatformChoice.Host)
                : throw GantryException.Of(ErrorKind.Invalid, "the archive holds no images: it has neither manifest.json nor index.json; for a plain root filesystem use \"import\"");
            foreach (var image in images)
            {
                await AddAsync(image, platform, lease, progress, cancellationToken);
                committed = true;
            }
        }
        finally
        {
            lease.Dispose();
            // What the archive held besides, and all of it when it failed.
            room.Content.Collector.Collect();
        }

        if (!committed)
            throw GantryException.Of(ErrorKind.Invalid, "the archive holds no images");
    }

    private static List<ArchivedImage> ReadList(Digest list, ArchiveContents contents)
    {
        IReadOnlyList<ArchiveManifestEntry> entries;
        try
        {
            entries = JsonSerializer.Deserialize(contents.Read(list), ImageJsonContext.Default.IReadOnlyListArchiveManifestEntry) ?? [];
        }
        catch (JsonException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"the archive's manifest.json cannot be used: {e.Message}", cause: e);
        }

        if (entries.Count > MostImages)
            throw GantryException.Of(ErrorKind.Invalid, $"the archive holds more than {MostImages} images");
        var manifests = contents.Find("index.json") is { } index ? ManifestsByConfiguration(index, contents) : [];
        return [.. entries.Where(e => e is not null).Select(entry =>
        {
            var id = contents.Get(entry.Config ?? "");
            return new ArchivedImage
            {
                Id = id,
                Layers = [.. (entry.Layers ?? []).Select(contents.Get)],
                Manifest = manifests.GetValueOrDefault(id),
                Names = [.. (entry.RepoTags ?? []).Select(tag => ImageReference.Parse(tag).WithDefaultTag())],
            };
        })];
    }

    // Newer archives are OCI layouts as well: an image then keeps its manifest, and so its digest.
    private static Dictionary<Digest, Descriptor> ManifestsByConfiguration(Digest index, ArchiveContents contents)
    {
        var found = new Dictionary<Digest, Descriptor>();
        foreach (var descriptor in ImageDocuments.ReadIndex(contents.Read(index)).Manifests.Where(m => m.MediaType is MediaTypes.OciManifest or MediaTypes.DockerManifest && contents.Has(m.Digest)))
            found[ImageDocuments.ReadManifest(contents.Read(descriptor.Digest)).Config.Digest] = new() { MediaType = descriptor.MediaType, Digest = descriptor.Digest, Size = descriptor.Size };
        return found;
    }

    private static List<ArchivedImage> ReadLayout(Digest index, ArchiveContents contents, Platform platform)
    {
        var images = new List<ArchivedImage>();
        foreach (var top in ImageDocuments.ReadIndex(contents.Read(index)).Manifests)
        {
            var descriptor = top;
            if (top.MediaType is MediaTypes.OciIndex or MediaTypes.DockerManifestList)
                descriptor = PlatformChoice.Choose(ImageDocuments.ReadIndex(contents.Read(top.Digest)).Manifests, platform) ?? throw ImageErrors.NoMatchingManifest(PlatformChoice.Text(platform));
            if (descriptor.MediaType is not (MediaTypes.OciManifest or MediaTypes.DockerManifest))
                continue;
            var manifest = ImageDocuments.ReadManifest(contents.Read(descriptor.Digest));
            if (manifest.Config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig))
                continue;
            images.Add(new()
            {
                Id = manifest.Config.Digest,
                Layers = [.. manifest.Layers.Select(l => contents.Has(l.Digest) ? l.Digest : throw GantryException.Of(ErrorKind.Invalid, $"the archive lacks layer {l.Digest}"))],
                Manifest = new() { MediaType = descriptor.MediaType, Digest = descriptor.Digest, Size = descriptor.Size },
                Names = NamesOf(top),
            });
        }

        return images;
    }

    // containerd's annotation is a whole name; OCI's may be one, or a tag alone, which names nothing here.
    private static List<ImageReference> NamesOf(Descriptor manifest)
    {
        var name = manifest.Annotations?.GetValueOrDefault("io.containerd.image.name") ?? manifest.Annotations?.GetValueOrDefault("org.opencontainers.image.ref.name");
        return name is not null && name.AsSpan().ContainsAny('/', ':') && ImageReference.TryParse(name, out var reference) ? [reference.WithDefaultTag()] : [];
    }

    private async Task AddAsync(ArchivedImage image, Platform? platform, Lease lease, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        var configuration = ImageDocuments.ReadConfiguration(room.Content.Blobs.Read(image.Id, ImageDocuments.LargestConfiguration));
        if (configuration.RootFs.DiffIds.Count != image.Layers.Count)
            throw GantryException.Of(ErrorKind.Invalid, $"invalid manifest, layers length mismatch: expected {image.Layers.Count}, got {configuration.RootFs.DiffIds.Count}");
        if (configuration.Os is { Length: > 0 } os && os != "linux")
            throw GantryException.Of(ErrorKind.NotSupported, $"cannot load {os} image on linux");
        if (platform is not null && configuration is { Os: { Length: > 0 }, Architecture: { Length: > 0 } architecture } && !PlatformChoice.Fits(new() { Os = configuration.Os, Architecture = architecture, Variant = configuration.Variant }, platform))
            throw GantryException.Of(ErrorKind.NotFound, $"the archive's image is for {configuration.Os}/{architecture}, not for {PlatformChoice.Text(platform)}");
        foreach (var diffId in configuration.RootFs.DiffIds)
            lease.Hold(diffId);
        var local = new LocalImage(room);
        var placed = await local.UnpackAsync(image.Layers, configuration.RootFs.DiffIds, cancellationToken);
        FailPoint.Hit("load.layers");
        local.Record(image.Id, configuration, image.Layers, placed, image.Manifest, image.Names, lease);
        room.Tell("load", image.Id.ToString(), image.Id.ToString(), image.Id);
        foreach (var name in image.Names)
            progress(new() { Stream = $"Loaded image: {name.Familiar}\n" });
        if (image.Names.Count == 0)
            progress(new() { Stream = $"Loaded image ID: {image.Id}\n" });
    }

    private sealed record ArchivedImage
    {
        public required Digest Id { get; init; }

        public required IReadOnlyList<Digest> Layers { get; init; }

        public Descriptor? Manifest { get; init; }

        public required List<ImageReference> Names { get; init; }
    }
}
