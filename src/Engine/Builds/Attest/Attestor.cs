using Gantry.Build;
using Gantry.Distribution;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Finds out what a build wants to have said of its results.</summary>
internal sealed class Attestor(BuildSpec spec, BuildTrees trees, BuildMaterials materials, IBuildProgress progress, TimeProvider time)
{
    private readonly string _invocation = Guid.NewGuid().ToString("n");

    /// <summary>When the build began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Who says it, as in <c>gantry-1.0</c>.</summary>
    public required string Tool { get; init; }

    /// <summary>The same result with what is said of it.</summary>
    public async Task<BuiltImage> AttestAsync(BuiltImage image, CancellationToken cancellationToken)
    {
        var wanted = spec.Attestations;
        var predicates = new List<Predicate>();
        if (wanted.Packages)
            predicates.Add(await ListPackagesAsync(image, cancellationToken));
        if (wanted.Provenance is { } provenance)
        {
            var (sources, areAll) = materials.Of(image.Compiled.Target);
            predicates.Add(new Provenance
            {
                Spec = provenance,
                Build = spec,
                Request = wanted.Request,
                Compiled = image.Compiled,
                Materials = sources,
                AreMaterialsComplete = areAll,
                Invocation = _invocation,
                Started = Started,
                Finished = time.GetUtcNow(),
                HostPlatform = PlatformChoice.Text(PlatformChoice.Host),
            }.ToPredicate());
        }

        return image with { Predicates = predicates };
    }

    private Task<Predicate> ListPackagesAsync(BuiltImage image, CancellationToken cancellationToken)
    {
        var layers = image.Tree.Layers;
        var content = layers.Count == 0 ? Digest.OfSha256(System.Security.Cryptography.SHA256.HashData([])) : ChainIds.Of(layers)[^1];
        return BuildStep.RunAsync(progress, time, $"[{image.Platform}] generating sbom", _ => Threads.RunAsync(() =>
        {
            using var root = trees.Open(image.Tree);
            var name = spec.Outputs.SelectMany(static o => o.Names).FirstOrDefault() ?? "image";
            return SpdxDocument.Write(name, content, PackageScan.Run(root, cancellationToken), Tool, time.GetUtcNow(), spec.Attestations.PackagesInlineOnly);
        }));
    }
}
