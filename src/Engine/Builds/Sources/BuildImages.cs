using System.Collections.Concurrent;
using Gantry.Build;
using Gantry.Distribution;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>The images that one build begins with: the engine's own, fetched where they are missing, those of the client's layouts, and results of other builds.</summary>
/// <param name="wholeImages">False: what images say of themselves is enough, and no layer is fetched.</param>
internal sealed class BuildImages(ImageOperations images, IBuildSession session, IBuildProgress progress, BuildSpec spec, bool wholeImages, Lease lease, TimeProvider time) : IBaseImages
{
    private const string InputPrefix = "input:";

    private readonly ConcurrentDictionary<string, IReadOnlyList<Digest>> _layers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ResolvedImage> _images = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Reference, string Platform), Lazy<Task<BaseImage>>> _resolving = new();

    /// <inheritdoc/>
    public Task<BaseImage> ResolveAsync(string reference, string platform, CancellationToken cancellationToken) =>
        reference.StartsWith(InputPrefix, StringComparison.Ordinal)
            ? Task.FromResult(ResolveInput(reference[InputPrefix.Length..]))
            : _resolving.GetOrAdd((reference, platform), key => new(() => ResolveOnceAsync(key.Reference, key.Platform, cancellationToken))).Value;

    /// <summary>The tree of an image that was resolved before.</summary>
    public async Task<StepResult> GetLayersAsync(ImageSource source, IBuildProgress told, CancellationToken cancellationToken)
    {
        if (!_layers.TryGetValue(source.Reference, out var layers))
        {
            await ResolveAsync(source.Reference, source.Platform, cancellationToken);
            layers = _layers[source.Reference];
        }

        return BuildTrees.ResultOf(layers);
    }

    // Known by what is in it, so that what is made of it is found again, whatever it was called.
    private BaseImage ResolveInput(string name)
    {
        if (spec.Inputs.GetValueOrDefault(name) is not { } input)
            throw GantryException.Of(ErrorKind.NotFound, $"no result of another build was given for the context \"{name}\"");
        var layers = input.Configuration.RootFs.DiffIds;
        foreach (var diffId in layers)
            lease.Hold(diffId);
        var exact = $"{InputPrefix}{BuildTrees.ResultOf(layers).Identity}";
        _layers[exact] = layers;
        return new BaseImage { Reference = exact, Configuration = input.Configuration };
    }

    /// <summary>What the registry knows an image by that was resolved before; null: none does.</summary>
    public Material? FindMaterial(ImageSource source)
    {
        if (!_images.TryGetValue(source.Reference, out var image) || !ImageReference.TryParse(source.Reference, out var name))
            return null;
        var digest = images.FindSourceDigest(image.Id, name) ?? image.Manifest?.Digest ?? image.Id;
        return new(PackageUrl.OfImage(name, source.Platform), digest.Algorithm, digest.Hex);
    }

    // Known by what it is: the client calls its layout something else each time.
    private Task<BaseImage> ResolveLayoutAsync(LayoutReference layout, string platform, CancellationToken cancellationToken)
    {
        var (digest, name) = (layout.Manifest.ToString(), LayoutReference.Prefix + layout.Manifest);
        var source = new ClientLayout(session, layout.Layout, name);
        return BuildStep.RunAsync(progress, time, $"[internal] load metadata for {name}", async vertex =>
        {
            var wanted = PlatformChoice.Parse(platform);
            var image = wholeImages
                ? await images.BorrowAsync(source, digest, name, wanted, lease, told => Tell(vertex, told), cancellationToken)
                : await images.LookUpAsync(source, digest, name, wanted, cancellationToken);
            var exact = LayoutReference.Prefix + image.Id;
            _layers[exact] = image.DiffIds;
            return new BaseImage { Reference = exact, Configuration = image.Configuration };
        });
    }

    private async Task<BaseImage> ResolveOnceAsync(string text, string platform, CancellationToken cancellationToken)
    {
        if (LayoutReference.Find(text) is { } layout)
            return await ResolveLayoutAsync(layout, platform, cancellationToken);
        if (!ImageReference.TryParse(text, out var reference))
            throw GantryException.Of(ErrorKind.Invalid, $"failed to parse stage name \"{text}\": invalid reference format");
        var name = reference.WithDefaultTag();
        return await BuildStep.RunAsync(progress, time, $"[internal] load metadata for {name}", async vertex =>
        {
            var wanted = PlatformChoice.Parse(platform);
            var image = (spec.Pull ? null : await FindAsync(text, wanted, cancellationToken)) ?? await PullAsync(name, wanted, vertex, cancellationToken);
            foreach (var diffId in image.DiffIds)
                lease.Hold(diffId);
            // Known by what it is: a tag may move while the build goes on.
            var exact = $"{name}@{image.Id}";
            (_layers[exact], _images[exact]) = (image.DiffIds, image);
            return new BaseImage { Reference = exact, Configuration = image.Configuration };
        });
    }

    private async Task<ResolvedImage?> FindAsync(string name, Model.Images.Platform wanted, CancellationToken cancellationToken)
    {
        try
        {
            var image = await images.ResolveAsync(name, cancellationToken);
            var made = image.Configuration;
            // An image that does not say what it is for is taken for what is wanted.
            var fits = made is not { Os.Length: > 0, Architecture.Length: > 0 } || PlatformChoice.Fits(new() { Os = made.Os, Architecture = made.Architecture, Variant = made.Variant }, wanted);
            return fits ? image : null;
        }
        catch (GantryException missing) when (missing.Kind is ErrorKind.NotFound or ErrorKind.Invalid)
        {
            return null;
        }
    }

    private async Task<ResolvedImage> PullAsync(ImageReference name, Model.Images.Platform wanted, Digest vertex, CancellationToken cancellationToken)
    {
        var repository = images.Open(name, new ClientAccess(session, name.Domain));
        // The name stays with the image for this machine.
        var isForHere = PlatformChoice.Fits(PlatformChoice.Host, wanted) || PlatformChoice.Fits(wanted, PlatformChoice.Host);
        try
        {
            return wholeImages
                ? await images.PullAsync(repository, name, wanted, isForHere, told => Tell(vertex, told), cancellationToken)
                : await images.LookUpAsync(repository, name.Digest?.ToString() ?? name.Tag!, name.Familiar, wanted, cancellationToken);
        }
        catch (GantryException failure)
        {
            throw GantryException.Of(failure.Kind, $"failed to resolve source metadata for {name}: {failure.Message}", cause: failure);
        }
    }

    private void Tell(Digest vertex, ImageProgress told)
    {
        if (told.Id is not { } id)
            return;
        progress.Report(new VertexStatus { Vertex = vertex, Id = $"{told.Status} {id}", Current = told.Current ?? 0, Total = told.Total ?? 0, Time = time.GetUtcNow() });
    }
}
