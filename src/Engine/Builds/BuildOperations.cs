using Gantry.Build;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Images;
using Gantry.Engine.Networks;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Builds images, and keeps what builds leave for the next.</summary>
public sealed class BuildOperations : IBuilder, IDisposable
{
    private readonly EngineParts _parts;
    private readonly ContentStore _content;
    private readonly ImageRoom _room;
    private readonly BuildPaths _paths;
    private readonly BuildTrees _trees;
    private readonly BuildCache _cache;
    private readonly TreeDigest _digests = new();
    private readonly CacheMounts _caches;
    private readonly KeptContexts _contexts;
    private readonly RecipeStore _recipes;
    private readonly NameServers _names;
    private readonly Solver _solver;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.None });

    internal BuildOperations(EngineParts parts, ImageRoom room)
    {
        _parts = parts;
        _room = room;
        _content = room.Content;
        _paths = BuildPaths.Make(parts.Options.DataRoot, parts.Options.ExecRoot);
        _trees = new BuildTrees(_content, parts.Time);
        _cache = BuildCache.Open(_content, parts.Database, parts.Time);
        _caches = new CacheMounts(_paths.Caches, _trees);
        _contexts = new KeptContexts(_paths.Contexts, parts.Time);
        _recipes = new RecipeStore(_paths.Recipes);
        _names = new NameServers(parts);
        // Steps wait for networks and disks as much as they compute.
        _solver = new Solver(_cache, parts.Time, Math.Max(4, Environment.ProcessorCount * 2));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> EmulatedPlatforms => new Emulation().Platforms();

    /// <summary>What the cache keeps, the least recently used first.</summary>
    public IReadOnlyList<BuildCacheRecord> ListCache() => [.. _cache.List(), .. _caches.List(), .. _contexts.List()];

    /// <summary>Takes records out of the cache; layers that images have stay with them.</summary>
    public void RemoveFromCache(IReadOnlyCollection<BuildCacheRecord> records)
    {
        _cache.Remove(Owners(kind => kind is not (CacheMounts.Kind or KeptContexts.Kind)));
        _caches.Remove(Owners(static kind => kind == CacheMounts.Kind));
        _contexts.Remove(Owners(static kind => kind == KeptContexts.Kind));

        IReadOnlyCollection<string> Owners(Func<string, bool> ofKind) => [.. records.Where(r => ofKind(r.Kind)).Select(static r => r.Owner)];
    }

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(session);
        BuildExport.Check(spec.Platforms, spec.Outputs);
        CheckNetwork(spec.NetworkMode);
        var started = _parts.Time.GetUtcNow();
        using var work = Begin(spec, session, progress, wholeImages: true, cancellationToken);

        // 1 read: the Dockerfile, and what the contexts leave out
        var dockerfile = await work.Definition.ReadDockerfileAsync(cancellationToken);
        var ignored = await work.Definition.ReadIgnoredAsync(cancellationToken);

        // 2 compile: a graph for each platform
        var compiled = await CompileAsync(work, dockerfile, ignored, cancellationToken);

        // 3 solve: all of them at once
        var trees = await SideBySide.RunAsync(
            compiled,
            async (build, token) => BuildTree.Of(build.Target is { } target ? await SolveAsync(target, build.Platform, spec, session, work.Runner, progress, token) : BuildTrees.ResultOf([])),
            cancellationToken);
        _cache.RecordUses();
        IReadOnlyList<BuiltImage> built = [.. compiled.Zip(trees, (build, tree) => Built(build, tree, work.Lease))];
        if (spec.Solved is { } solved)
            spec = spec with { Outputs = await AskAsync(solved, built, cancellationToken) };

        // 4 export: COMMIT for each output
        BuildExport.Check(spec.Platforms, spec.Outputs);
        if (spec.Outputs.Any(BuildExport.Attests))
        {
            var attestor = new Attestor(spec, _trees, new BuildMaterials(work.Images, work.Fetch), progress, _parts.Time) { Started = started, Tool = $"gantry-{_parts.Options.ProductVersion}" };
            built = await SideBySide.RunAsync(built, attestor.AttestAsync, cancellationToken);
        }

        var outcome = new BuildOutcome { Dockerfile = compiled[0].Dockerfile, Warnings = WarningsOf(compiled) };
        return await new BuildExport(_parts, _room, _trees, _paths.Scratch, session, progress).RunAsync(spec, built, outcome, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SubrequestReply> AnswerAsync(string question, BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(session);
        if (Subrequests.All.All(known => known.Name != question))
            throw GantryException.Of(ErrorKind.NotSupported, $"unsupported request {question}");
        using var work = Begin(spec, session, progress, wholeImages: false, cancellationToken);
        var source = await work.Definition.ReadSourceAsync(cancellationToken);
        var ignored = question is Subrequests.Lint or Subrequests.Outline ? await work.Definition.ReadIgnoredAsync(cancellationToken) : new Dictionary<string, IReadOnlyList<string>>();
        return await new SubrequestAnswers(work.Images).AnswerAsync(question, source, work.Definition.Check, dockerfile =>
        {
            // Who asks for the findings gets them as the answer.
            if (question == Subrequests.Outline)
                work.Definition.Tell(dockerfile.Warnings);
            return work.Specify(dockerfile, ignored, work.Platforms is [var only] ? only : null);
        }, cancellationToken);
    }

    public void Dispose()
    {
        _solver.Dispose();
        _http.Dispose();
    }

    private BuildWork Begin(BuildSpec spec, IBuildSession session, IBuildProgress progress, bool wholeImages, CancellationToken cancellationToken)
    {
        var lease = _content.Leases.Open();
        var contexts = new BuildContexts(_contexts, session, _parts.Time);
        var fetch = new SourceFetch(_paths.Sources, new HttpDownload(_http, session, _parts.Time), new GitCheckout(session));
        var images = new BuildImages(_parts.Images, session, progress, spec, wholeImages, lease, _parts.Time);
        var runner = new StepRunner(
            _trees,
            _digests,
            images,
            contexts,
            new FileStepRunner(_trees, _digests),
            new ExecStepRunner(_trees, new StepProcess(_parts, _names, spec), new StepMounts(_parts, _trees, _caches, session), new Emulation(), session),
            fetch);
        var definition = new BuildDefinition(spec, _trees, contexts, vertex => _solver.SolveAsync(vertex, runner, progress, cancellationToken), progress, _parts.Time);
        return new BuildWork(spec, session) { Lease = lease, Contexts = contexts, Fetch = fetch, Images = images, Runner = runner, Definition = definition };
    }

    private static async Task<IReadOnlyList<CompiledBuild>> CompileAsync(BuildWork work, Dockerfile dockerfile, IReadOnlyDictionary<string, IReadOnlyList<string>> ignored, CancellationToken cancellationToken)
    {
        try
        {
            var compiler = new DockerfileCompiler(work.Images);
            var compiled = await SideBySide.RunAsync(work.Platforms, (platform, token) => compiler.CompileAsync(work.Specify(dockerfile, ignored, platform), token), cancellationToken);
            work.Definition.Tell(WarningsOf(compiled));
            return compiled;
        }
        catch (GantryException failure)
        {
            work.Definition.Tell(FailureCauses.Find<DockerfileException>(failure)?.Warnings ?? dockerfile.Warnings);
            throw;
        }
    }

    private static IReadOnlyList<LintWarning> WarningsOf(IReadOnlyList<CompiledBuild> compiled) => [.. compiled.SelectMany(static build => build.Warnings).Distinct()];

    private async Task<StepResult> SolveAsync(Vertex target, string platform, BuildSpec spec, IBuildSession session, StepRunner runner, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var project = ProjectOf(spec, session, platform);
        var recipes = new RecipeBook(() => project is null ? [] : _recipes.Load(project), target, spec.Arguments.Keys.ToHashSet(StringComparer.Ordinal));
        try
        {
            return await _solver.SolveAsync(target, runner, progress, recipes, cancellationToken);
        }
        finally
        {
            if (project is not null)
                _recipes.Save(project, recipes);
        }
    }

    // Builds of one project are compared with one another, to say why steps run. Null: nothing tells whose it is.
    private static string? ProjectOf(BuildSpec spec, IBuildSession session, string platform)
    {
        var known = spec.Project ?? (session.SharedKey.Length > 0 ? session.SharedKey : spec.Outputs.SelectMany(static output => output.Names).FirstOrDefault());
        return known is null ? null : string.Join('\0', known, spec.DockerfileName, platform);
    }

    // Before anything is done: a step may be the last of many that would have run.
    private void CheckNetwork(string? mode)
    {
        if (NetworkModes.Donor(mode) is { } donor)
            _ = _parts.Containers.Get(donor);
        else if (NetworkModes.Kind(mode) is null)
            throw NetworkErrors.NotFound(mode!);
    }

    private BuiltImage Built(CompiledBuild compiled, BuildTree tree, Lease lease)
    {
        if (tree.Directory is not null)
            throw new InvalidOperationException("a result is a stack of layers");
        foreach (var diffId in tree.Layers)
            lease.Hold(diffId);
        return new() { Platform = compiled.Platform, Compiled = compiled, Tree = tree, Configuration = new ImageExport(_room).Complete(compiled, tree.Layers) };
    }

    private async Task<IReadOnlyList<BuildOutput>> AskAsync(Func<IReadOnlyList<IBuildResult>, CancellationToken, Task<IReadOnlyList<BuildOutput>>> solved, IReadOnlyList<BuiltImage> built, CancellationToken cancellationToken)
    {
        List<BuildResult> kept = [.. built.Select(image => new BuildResult(_content, _trees, image.Configuration))];
        try
        {
            return await solved(kept, cancellationToken);
        }
        finally
        {
            kept.ForEach(static result => result.Dispose());
        }
    }
}
