using System.Buffers;
using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Makes manifests, and where there is more than one an index, of what was built.</summary>
/// <remarks>Source: image-spec; buildkit exporter/containerimage/writer.go and docs/attestations/attestation-storage.md.</remarks>
internal sealed class ImagePackager(ContentStore content, Lease lease, ExportOptions options)
{
    private readonly List<Descriptor> _blobs = [];
    private readonly List<Descriptor> _documents = [];

    /// <summary>Makes a package; nothing but the lease holds it.</summary>
    /// <param name="oci">Whether the output has OCI's media types unless somebody says otherwise.</param>
    /// <param name="names">What statements call the image.</param>
    /// <param name="alwaysIndex">Make an index of a single image, too.</param>
    /// <param name="told">Is told of each part.</param>
    /// <exception cref="GantryException">Invalid: annotations have no place. NotFound: a layer's archive is gone.</exception>
    public async Task<ImagePackage> MakeAsync(IReadOnlyList<BuiltImage> images, bool oci, IReadOnlyList<ImageReference> names, bool alwaysIndex, Action<string> told, CancellationToken cancellationToken)
    {
        var isIndex = alwaysIndex || images.Count > 1 || images.Any(static i => i.Predicates.Count > 0);
        if (!isIndex && options.Annotations.FirstOrDefault(static a => a.Level is AnnotationLevel.Index or AnnotationLevel.IndexDescriptor) is { } lost)
            throw GantryException.Of(ErrorKind.Invalid, $"index annotations not supported for single platform export: \"{lost.Key}\" has no index to be written on; annotate the manifest, or build for several platforms");
        using var layers = new LayerExport(content, lease, options);
        var stacks = await Task.WhenAll(images.Select(i => layers.OfAsync(i.Configuration.RootFs.DiffIds, cancellationToken)));
        told("exporting layers");
        // Docker's types know neither zstd nor annotations.
        var isOci = (options.OciTypes ?? oci) || options.Annotations.Count > 0 || images.Any(static i => i.Predicates.Count > 0) || stacks.Any(static s => s.Any(static l => l.Compression == LayerCompression.Zstd));
        var made = new List<(Descriptor Manifest, ImageManifest Content)>();
        var statements = new List<Descriptor>();
        for (var i = 0; i < images.Count; i++)
        {
            var (manifest, document) = Manifest(images[i], stacks[i], isOci, isIndex);
            told($"exporting manifest {manifest.Digest}");
            told($"exporting config {document.Config.Digest}");
            made.Add((manifest, document));
            if (images[i].Predicates.Count == 0)
                continue;
            statements.Add(Attestation(images[i], manifest.Digest, names));
            told($"exporting attestation manifest {statements[^1].Digest}");
        }

        var root = made[0].Manifest;
        if (isIndex)
        {
            root = Index([.. made.Select(static m => m.Manifest), .. statements], isOci);
            told($"exporting manifest list {root.Digest}");
        }

        return new() { Root = root, Blobs = [.. _blobs.DistinctBy(static b => b.Digest)], Documents = [.. _documents.DistinctBy(static d => d.Digest)], Images = made };
    }

    private (Descriptor Descriptor, ImageManifest Content) Manifest(BuiltImage image, IReadOnlyList<ExportedLayer> layers, bool oci, bool isListed)
    {
        var configuration = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(configuration, image.Configuration);
        List<Descriptor> archives = [.. layers.Select(layer => layer.Describe(oci))];
        _blobs.AddRange(archives);
        var document = new ImageManifest
        {
            MediaType = oci ? MediaTypes.OciManifest : MediaTypes.DockerManifest,
            Config = Blob(configuration.WrittenSpan, oci ? MediaTypes.OciConfig : MediaTypes.DockerConfig),
            Layers = archives,
            Annotations = Annotations(AnnotationLevel.Manifest, image.Platform),
        };
        var descriptor = Document(document) with
        {
            Annotations = Annotations(AnnotationLevel.ManifestDescriptor, image.Platform),
            Platform = isListed ? PlatformOf(image) : null,
        };
        return (descriptor, document);
    }

    // Statements are layers of a manifest that runs nowhere, so that every registry keeps them.
    private Descriptor Attestation(BuiltImage image, Digest manifest, IReadOnlyList<ImageReference> names)
    {
        List<(string, Digest)> subjects = [.. names.Select(name => (PackageUrl.OfImage(name, image.Platform), manifest))];
        if (subjects.Count == 0)
            subjects.Add(("_", manifest));
        List<Descriptor> layers = [.. image.Predicates.Select(predicate => Blob(Statement.Write(predicate, subjects), MediaTypes.InToto) with { Annotations = new Dictionary<string, string> { ["in-toto.io/predicate-type"] = predicate.Type } })];
        var configuration = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(configuration, new ImageConfiguration { Architecture = "unknown", Os = "unknown", Config = new(), RootFs = new() { DiffIds = [.. layers.Select(static l => l.Digest)] } });
        var document = new ImageManifest { MediaType = MediaTypes.OciManifest, Config = Blob(configuration.WrittenSpan, MediaTypes.OciConfig), Layers = layers };
        return Document(document) with
        {
            Platform = new() { Architecture = "unknown", Os = "unknown" },
            Annotations = new Dictionary<string, string> { ["vnd.docker.reference.digest"] = manifest.ToString(), ["vnd.docker.reference.type"] = "attestation-manifest" },
        };
    }

    private Descriptor Index(IReadOnlyList<Descriptor> manifests, bool oci)
    {
        var writer = new ArrayBufferWriter<byte>();
        var type = oci ? MediaTypes.OciIndex : MediaTypes.DockerManifestList;
        ImageDocuments.Write(writer, new ImageIndex { MediaType = type, Manifests = manifests, Annotations = Annotations(AnnotationLevel.Index, null) });
        return Document(writer.WrittenSpan, type) with { Annotations = Annotations(AnnotationLevel.IndexDescriptor, null) };
    }

    private static Platform PlatformOf(BuiltImage image)
    {
        var made = image.Configuration;
        var parts = image.Platform.Split('/');
        return new() { Os = made.Os ?? parts[0], Architecture = made.Architecture ?? parts[1], Variant = made.Variant is { Length: > 0 } variant ? variant : null, OsVersion = made.OsVersion };
    }

    private Dictionary<string, string>? Annotations(AnnotationLevel level, string? platform)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        // What is said of one platform counts more than what is said of all.
        foreach (var annotation in options.Annotations.Where(a => a.Level == level && (a.Platform is null || a.Platform == platform)).OrderBy(static a => a.Platform is not null))
            found[annotation.Key] = annotation.Value;
        return found.Count == 0 ? null : found;
    }

    private Descriptor Blob(ReadOnlySpan<byte> bytes, string type)
    {
        var blob = new Descriptor { MediaType = type, Digest = content.Blobs.Add(bytes, lease), Size = bytes.Length };
        _blobs.Add(blob);
        return blob;
    }

    private Descriptor Document(ImageManifest manifest)
    {
        var writer = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(writer, manifest);
        return Document(writer.WrittenSpan, manifest.MediaType!);
    }

    private Descriptor Document(ReadOnlySpan<byte> bytes, string type)
    {
        var document = new Descriptor { MediaType = type, Digest = content.Blobs.Add(bytes, lease), Size = bytes.Length };
        _documents.Add(document);
        return document;
    }
}
