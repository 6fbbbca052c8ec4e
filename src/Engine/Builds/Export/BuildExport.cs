using System.Text.Json;
using Gantry.Build;
using Gantry.Engine.Composition;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Puts a build's results where its outputs say: COMMIT for each.</summary>
internal sealed class BuildExport(EngineParts parts, ImageRoom room, BuildTrees trees, string scratch, IBuildSession session, IBuildProgress progress)
{
    /// <summary>Whether an output tells what is said of a result: the engine's own images have no place for it.</summary>
    public static bool Attests(BuildOutput output) => output.Kind is not (BuildOutputKind.Image or BuildOutputKind.Docker) || output.Push;

    /// <summary>Checks before anything is done: what cannot be put anywhere must not cost a build.</summary>
    /// <exception cref="GantryException">Invalid: a name or an option makes no sense. NotSupported: a result of several platforms has no place there.</exception>
    public static void Check(IReadOnlyList<string> platforms, IReadOnlyList<BuildOutput> outputs)
    {
        foreach (var output in outputs)
        {
            var names = NamesOf(output);
            var options = ExportOptions.Read(output.Attributes);
            if (output.Push && names.Count == 0)
                throw GantryException.Of(ErrorKind.Invalid, "tag is needed when pushing to registry: name the image with -t NAME");
            if (platforms.Distinct().Count() <= 1)
                continue;
            if (output.Kind == BuildOutputKind.Docker)
                throw GantryException.Of(ErrorKind.NotSupported, "docker exporter does not currently support exporting manifest lists: use type=oci for several platforms");
            // Source: moby builder-next/exporter/mobyexporter.
            if (output.Kind == BuildOutputKind.Image && !output.Push && options.Store)
                throw GantryException.Of(ErrorKind.NotSupported, "exporting multiple references to image store is currently unsupported: push it (--push), write it to a file (-o type=oci,dest=FILE), or build one platform at a time");
        }
    }

    /// <summary>Puts them there, one output after another.</summary>
    /// <param name="outcome">What is known of the build; completed here.</param>
    public async Task<BuildOutcome> RunAsync(BuildSpec spec, IReadOnlyList<BuiltImage> images, BuildOutcome outcome, CancellationToken cancellationToken)
    {
        foreach (var output in spec.Outputs)
        {
            var title = output.Kind switch
            {
                BuildOutputKind.Image or BuildOutputKind.Registry => "exporting to image",
                BuildOutputKind.Local => "exporting to client directory",
                BuildOutputKind.Tar => "exporting to client tarball",
                BuildOutputKind.Oci => "exporting to oci image format",
                _ => "exporting to docker image format",
            };
            var before = outcome;
            outcome = await BuildStep.RunAsync(progress, parts.Time, title, vertex => HeldAsync(output, lease => PutAsync(spec, images, output, before, lease, vertex, cancellationToken)));
        }

        return outcome;
    }

    // Archives that only an output needs are gone with it.
    private async Task<BuildOutcome> HeldAsync(BuildOutput output, Func<Lease, Task<BuildOutcome>> put)
    {
        try
        {
            using var lease = room.Content.Leases.Open();
            return await put(lease);
        }
        finally
        {
            if (output.Push || output.Kind is BuildOutputKind.Oci or BuildOutputKind.Docker)
                room.Content.Collector.Collect();
        }
    }

    private async Task<BuildOutcome> PutAsync(BuildSpec spec, IReadOnlyList<BuiltImage> images, BuildOutput output, BuildOutcome outcome, Lease lease, Digest vertex, CancellationToken cancellationToken)
    {
        var options = ExportOptions.Read(output.Attributes);
        var names = NamesOf(output);
        var files = new OutputExport(room.Content, trees, session, scratch);
        switch (output.Kind)
        {
            case BuildOutputKind.Local:
                await files.SendFilesAsync(images, output, options, cancellationToken);
                return outcome;
            case BuildOutputKind.Tar:
                await files.SendTarAsync(images, output, options, cancellationToken);
                return outcome;
            case BuildOutputKind.Oci or BuildOutputKind.Docker:
                var isDocker = output.Kind == BuildOutputKind.Docker;
                var package = await PackAsync(spec, isDocker ? [.. images.Select(static i => i with { Predicates = [] })] : images, options, !isDocker, names, lease, vertex, cancellationToken);
                if (options.AsArchive || !await files.SendBlobsAsync(package, output, cancellationToken))
                    await files.SendImageAsync(package, names, output, isDocker, cancellationToken);
                return outcome with { Metadata = Describe(package, images, names) };
            default:
                if (output.Kind == BuildOutputKind.Image && images is [var image] && options.Store)
                    outcome = Record(image, names, outcome, lease, vertex);
                if (!output.Push)
                    return outcome;
                var pushed = await PackAsync(spec, images, options, oci: false, names, lease, vertex, cancellationToken);
                await new RegistryPush(room.Content, room.Registry, session, progress, vertex, parts.Time).PushAsync(pushed, names, options.PushByDigest, cancellationToken);
                return outcome with { Names = [.. names.Select(static n => n.ToString())], Metadata = Describe(pushed, images, names) };
        }
    }

    private Task<ImagePackage> PackAsync(BuildSpec spec, IReadOnlyList<BuiltImage> images, ExportOptions options, bool oci, IReadOnlyList<ImageReference> names, Lease lease, Digest vertex, CancellationToken cancellationToken) =>
        new ImagePackager(room.Content, lease, options).MakeAsync(images, oci, names, spec.AlwaysIndex, what => Told(vertex, what), cancellationToken);

    private BuildOutcome Record(BuiltImage image, IReadOnlyList<ImageReference> names, BuildOutcome outcome, Lease lease, Digest vertex)
    {
        var (id, manifest) = new ImageExport(room).Record(image.Configuration, names, lease);
        Told(vertex, $"writing image {id}");
        foreach (var name in names)
            Told(vertex, $"naming to {name}");
        return outcome with { Image = id, Manifest = manifest, Names = [.. names.Select(static n => n.ToString())] };
    }

    /// <summary>What clients write into <c>--metadata-file</c>.</summary>
    /// <remarks>Source: buildkit exporter/containerimage/exptypes/keys.go.</remarks>
    private static Dictionary<string, string> Describe(ImagePackage package, IReadOnlyList<BuiltImage> images, IReadOnlyList<ImageReference> names)
    {
        var annotations = new Dictionary<string, string>(package.Root.Annotations ?? new Dictionary<string, string>());
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["containerimage.digest"] = package.Root.Digest.ToString() };
        if (package.Configuration is { } configuration)
            annotations["config.digest"] = metadata["containerimage.config.digest"] = configuration.ToString();
        if (images[0].Configuration.Created is { } created)
            annotations["org.opencontainers.image.created"] = created;
        metadata["containerimage.descriptor"] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(package.Root with { Annotations = annotations }, ImageJsonContext.Default.Descriptor));
        if (names.Count > 0)
            metadata["image.name"] = string.Join(',', names);
        return metadata;
    }

    private static List<ImageReference> NamesOf(BuildOutput output)
    {
        var names = new List<ImageReference>();
        foreach (var text in output.Names)
        {
            if (!ImageReference.TryParse(text, out var name) || name.Digest is not null)
                throw GantryException.Of(ErrorKind.Invalid, $"invalid tag \"{text}\": invalid reference format");
            var tagged = name.WithDefaultTag();
            if (!names.Contains(tagged))
                names.Add(tagged);
        }

        return names;
    }

    private void Told(Digest vertex, string what)
    {
        var now = parts.Time.GetUtcNow();
        progress.Report(new VertexStatus { Vertex = vertex, Id = what, Time = now, Started = now, Completed = now });
    }
}
