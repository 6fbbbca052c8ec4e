using System.Globalization;
using System.Text.Json;
using Gantry.Build;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Images;
using Gantry.Engine.Networks;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Images;
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
    private readonly CacheCollection _collection;
    private readonly CacheExport _exports;
    private readonly CacheTransfer _transfer;
    private readonly StackTimes _times;
    private readonly Solver _solver;
    private readonly SecondBuild _second;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.None });

    internal BuildOperations(EngineParts parts, ImageRoom room)
    {
        _parts = parts;
        _room = room;
        _content = room.Content;
        _paths = BuildPaths.Make(parts.Options.DataRoot, parts.Options.ExecRoot);
        _trees = new BuildTrees(_content, parts.Time);
        _cache = BuildCache.Open(_content, parts.Database, parts.Time);
        _caches = new CacheMounts(_paths.Caches, _trees, parts.Time);
        _contexts = new KeptContexts(_paths.Contexts, parts.Time);
        _recipes = new RecipeStore(_paths.Recipes);
        _names = new NameServers(parts);
        _times = new StackTimes(_content);
        _exports = new CacheExport(_content, _caches, _paths.Scratch);
        _transfer = new CacheTransfer(room, _exports, _caches, _paths.Scratch, parts.Time);
        _collection = new CacheCollection(Collect, parts.Background, parts.Time);
        _collection.Wake();
        // Steps wait for networks and disks as much as they compute.
        _solver = new Solver(_cache, parts.Time, Math.Max(4, Environment.ProcessorCount * 2));
        _second = new SecondBuild(_content, _cache, _solver, _times);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> EmulatedPlatforms => new Emulation().Platforms();

    /// <summary>What the cache keeps, the least recently used first.</summary>
    public IReadOnlyList<BuildCacheRecord> ListCache() => [.. _cache.List().Concat(_caches.List()).Concat(_contexts.List()).OrderBy(static r => r.LastUsed).ThenByDescending(static r => r.Depth)];

    /// <summary>Takes records out of the cache; layers that images have stay with them, and what builds rely on stays.</summary>
    /// <returns>Those that are gone.</returns>
    public IReadOnlyList<BuildCacheRecord> RemoveFromCache(IReadOnlyCollection<BuildCacheRecord> records)
    {
        HashSet<string> gone =
        [
            .. _cache.Remove(Owners(static kind => kind is not (CacheMounts.Kind or KeptContexts.Kind))),
            .. _caches.Remove(Owners(static kind => kind == CacheMounts.Kind)),
            .. _contexts.Remove(Owners(static kind => kind == KeptContexts.Kind)),
        ];
        return [.. records.Where(r => gone.Contains(r.Owner))];

        IReadOnlyCollection<string> Owners(Func<string, bool> ofKind) => [.. records.Where(r => ofKind(r.Kind)).Select(static r => r.Owner)];
    }

    /// <summary>Removes what a rule chooses.</summary>
    /// <returns>What is gone.</returns>
    /// <exception cref="GantryException">Invalid: a filter that makes no sense.</exception>
    public IReadOnlyList<BuildCacheRecord> Prune(BuildCachePrune prune) => Prune(prune, ListCache());

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(session);
        if (spec.Arguments.GetValueOrDefault("BUILDKIT_INLINE_CACHE") is "1" or "true" && spec.CacheExports.All(static c => c.Type != "inline"))
            spec = spec with { CacheExports = [.. spec.CacheExports, new CacheSpec { Type = "inline" }] };
        BuildExport.Check(spec.Platforms, spec.Outputs);
        CheckNetwork(spec.NetworkMode);
        CacheTransfer.Check(spec);
        var started = _parts.Time.GetUtcNow();
        // Last of all: what the build used may go when its image has it.
        using var collecting = new Ending(_collection.Wake);
        using var work = Begin(spec, session, progress, wholeImages: true, cancellationToken);

        // 1 read: the Dockerfile, and what the contexts leave out
        var dockerfile = await work.Definition.ReadDockerfileAsync(cancellationToken);
        var ignored = await work.Definition.ReadIgnoredAsync(cancellationToken);

        // 2 compile: a graph for each platform
        var compiled = await CompileAsync(work, dockerfile, ignored, cancellationToken);

        // 3 solve: all of them at once, with caches outside the engine
        using var imports = new CacheImports(_cache, _content, work.Lease);
        await _transfer.ImportAsync(spec, imports, session, progress, work.Lease, cancellationToken);
        var results = spec.CacheExports.Count > 0 ? new CacheRecorder(imports) : null;
        var made = await SolveAsync(compiled, spec, session, work, imports, results, progress, cancellationToken);
        _cache.RecordUses();
        IReadOnlyList<BuiltImage> built = [.. compiled.Zip(made, (build, tree) => Built(build, tree, work.Lease))];
        if (spec.Solved is { } solved)
            spec = spec with { Outputs = await AskAsync(solved, built, cancellationToken) };
        BuildExport.Check(spec.Platforms, spec.Outputs);

        // 4 look at it: compare it with what a second build makes, set the times of files, note the cache in it, say what it is made of
        built = await SideBySide.RunAsync(built, (image, token) => FinishAsync(spec, image, work, imports, results, progress, token), cancellationToken);
        if (spec.Outputs.Any(BuildExport.Attests))
        {
            var attestor = new Attestor(spec, _trees, new BuildMaterials(work.Images, work.Fetch), progress, _parts.Time) { Started = started, Tool = $"gantry-{_parts.Options.ProductVersion}" };
            built = await SideBySide.RunAsync(built, attestor.AttestAsync, cancellationToken);
        }

        // 5 export: COMMIT for each output
        var outcome = new BuildOutcome { Dockerfile = compiled[0].Dockerfile, Warnings = WarningsOf(compiled) };
        outcome = await new BuildExport(_parts, _room, _trees, _paths.Scratch, session, progress).RunAsync(spec, built, outcome, cancellationToken);

        // 6 caches for others: when all else is done
        if (results is not null && await _transfer.ExportAsync(spec, results, imports, made, new ImportingRunner(work.Runner, imports), session, progress, cancellationToken) is { } cache)
            outcome = outcome with { Metadata = new Dictionary<string, string>(outcome.Metadata) { ["cache.manifest"] = JsonSerializer.Serialize(cache, ImageJsonContext.Default.Descriptor) } }; // Source: buildkit cache/remotecache, ExporterResponseManifestDesc
        return outcome;
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
            fetch)
        {
            // Whoever wants to look into its failures is not to find that another build's client was asked.
            IsAlone = session.VisitsFailures,
        };
        var definition = new BuildDefinition(spec, _trees, contexts, vertex => _solver.SolveAsync(vertex, runner, progress, cancellationToken), progress, _parts.Time);
        return new BuildWork(spec, session) { Lease = lease, Use = _cache.Use.Begin(), Contexts = contexts, Fetch = fetch, Images = images, Runner = runner, Definition = definition };
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

    // A cache that does not give what it promised costs what was built on it, and nothing else.
    private async Task<IReadOnlyList<BuildTree>> SolveAsync(IReadOnlyList<CompiledBuild> compiled, BuildSpec spec, IBuildSession session, BuildWork work, CacheImports imports, CacheRecorder? results, IBuildProgress progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            IBuildCache? cache = results is not null ? results : imports.HasAny ? imports : null;
            var own = cache is null ? null : new OwnCache(cache);
            IStepRunner runner = imports.HasAny ? new ImportingRunner(work.Runner, imports) : work.Runner;
            try
            {
                return await SideBySide.RunAsync(
                    compiled,
                    async (build, token) =>
                    {
                        if (build.Target is not { } target)
                            return BuildTree.Empty;
                        var result = await ExplainedAsync(target, ProjectOf(spec, session, build.Platform), spec.Arguments.Keys, recipes => _solver.SolveAsync(target, runner, progress, recipes, own, token));
                        await imports.EnsureAsync(result, token);
                        return BuildTree.Of(result);
                    },
                    cancellationToken);
            }
            catch (GantryException failure) when (FailureCauses.Find<BrokenCacheException>(failure) is { } broken)
            {
                _parts.Logger.Notice(failure.Message);
                imports.Remove(broken.Cache);
                results?.Clear();
            }
        }
    }

    private async Task<StepResult> ExplainedAsync(Vertex target, string? project, IEnumerable<string> arguments, Func<RecipeBook, Task<StepResult>> solve)
    {
        var recipes = new RecipeBook(() => project is null ? [] : _recipes.Load(project), target, arguments.ToHashSet(StringComparer.Ordinal));
        try
        {
            return await solve(recipes);
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

    private void Collect()
    {
        if (_parts.Options.BuildCache is not { IsEnabled: true } limits)
            return;
        // Looking takes as long as there are files in kept directories: again only when something has gone.
        IReadOnlyList<BuildCacheRecord>? records = null;
        foreach (var rule in limits.For(new DriveInfo(_parts.Options.DataRoot).TotalSize))
        {
            if (Prune(rule, records ??= ListCache()).Count > 0)
                records = null;
        }
    }

    private IReadOnlyList<BuildCacheRecord> Prune(BuildCachePrune prune, IReadOnlyList<BuildCacheRecord> records) =>
        RemoveFromCache(prune.Choose(records, _parts.Time.GetUtcNow(), new DriveInfo(_parts.Options.DataRoot).AvailableFreeSpace));

    private BuiltImage Built(CompiledBuild compiled, BuildTree tree, Lease lease)
    {
        if (tree.Directory is not null)
            throw new InvalidOperationException("a result is a stack of layers");
        foreach (var diffId in tree.Layers)
            lease.Hold(diffId);
        return new() { Platform = compiled.Platform, Compiled = compiled, Tree = tree, Configuration = new ImageExport(_room).Complete(compiled, tree.Layers) };
    }

    private async Task<BuiltImage> FinishAsync(BuildSpec spec, BuiltImage made, BuildWork work, CacheImports imports, CacheRecorder? results, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var (compiled, tree) = (made.Compiled, made.Tree);
        var below = compiled.Target is { } whole && StackTimes.BaseOf(whole) is { } image ? BuildTree.Of(await work.Images.GetLayersAsync(image, progress, cancellationToken)).Layers.Count : 0;
        if (spec.Verify && compiled.Target is { } target)
            await _second.CheckAsync(target, work.Runner, progress, tree, below, compiled.Created, work.Lease, cancellationToken);
        if (compiled.Created is { } epoch && spec.Outputs.Count > 0 && spec.Outputs.All(SetsTimes))
        {
            var name = $"[internal] set times to {epoch.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}";
            tree = await BuildStep.RunAsync(progress, _parts.Time, name, async _ => new BuildTree { Layers = await _times.SetAsync(made.Tree.Layers, below, epoch, work.Lease, cancellationToken) });
        }

        if (results is not null && spec.CacheExports.Any(static c => c.Type == "inline"))
            compiled = compiled with { Configuration = compiled.Configuration with { InlineCache = await _exports.InlineAsync(results, made.Tree, tree, new ImportingRunner(work.Runner, imports), cancellationToken) } };
        return Built(compiled, tree, work.Lease);
    }

    // Source: BuildKit exporter attribute rewrite-timestamp, which is off there unless somebody asks for it.
    private static bool SetsTimes(BuildOutput output) => ExportOptions.Flag(output.Attributes, "rewrite-timestamp") ?? true;

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

    private sealed class Ending(Action ended) : IDisposable
    {
        public void Dispose() => ended();
    }
}
