using Gantry.Build;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Images;
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
    private readonly NameServers _names;
    private readonly Solver _solver;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.None });

    internal BuildOperations(EngineParts parts, ImageRoom room)
    {
        _parts = parts;
        _room = room;
        _content = room.Content;
        _paths = BuildPaths.Make(parts.Options.DataRoot);
        _trees = new BuildTrees(_content, parts.Time);
        _cache = BuildCache.Open(_content, parts.Database, parts.Time);
        _caches = new CacheMounts(_paths.Caches, _trees);
        _contexts = new KeptContexts(_paths.Contexts, parts.Time);
        _names = new NameServers(parts);
        // Steps wait for networks and disks as much as they compute.
        _solver = new Solver(_cache, parts.Time, Math.Max(4, Environment.ProcessorCount * 2));
    }

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
        var names = NamesOf(spec.Outputs);
        if (spec.Platforms.Count > 1)
            throw GantryException.Of(ErrorKind.NotSupported, $"a build for several platforms ({string.Join(", ", spec.Platforms)}) needs an image store of several platforms: build them one by one, with --platform");

        using var work = Begin(spec, session, progress, wholeImages: true, cancellationToken);

        // 1 read: the Dockerfile, and what the contexts leave out
        var dockerfile = await work.Definition.ReadDockerfileAsync(cancellationToken);
        var ignored = await work.Definition.ReadIgnoredAsync(cancellationToken);

        // 2 compile: a graph
        var compiled = await CompileAsync(work, dockerfile, ignored, cancellationToken);

        // 3 solve
        var result = BuildTrees.ResultOf([]);
        if (compiled.Target is { } target)
            result = await _solver.SolveAsync(target, work.Runner, progress, cancellationToken);
        _cache.RecordUses();

        // 4 export: COMMIT for each output
        var tree = BuildTree.Of(result);
        if (spec.Solved is { } solved)
        {
            using var kept = new BuildResult(_content, _trees, new ImageExport(_room).Complete(compiled, tree.Layers));
            spec = spec with { Outputs = await solved(kept, cancellationToken) };
            names = NamesOf(spec.Outputs);
        }

        return await ExportAsync(spec, names, compiled, tree, session, progress, work.Lease, cancellationToken);
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
            return work.Specify(dockerfile, ignored);
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
            new ExecStepRunner(_trees, new StepProcess(_parts, _names, spec), new StepMounts(_parts, _trees, _caches, session)),
            fetch);
        var definition = new BuildDefinition(spec, _trees, contexts, vertex => _solver.SolveAsync(vertex, runner, progress, cancellationToken), progress, _parts.Time);
        return new BuildWork(spec, session) { Lease = lease, Contexts = contexts, Fetch = fetch, Images = images, Runner = runner, Definition = definition };
    }

    private static async Task<CompiledBuild> CompileAsync(BuildWork work, Dockerfile dockerfile, IReadOnlyDictionary<string, IReadOnlyList<string>> ignored, CancellationToken cancellationToken)
    {
        try
        {
            var compiled = await new DockerfileCompiler(work.Images).CompileAsync(work.Specify(dockerfile, ignored), cancellationToken);
            work.Definition.Tell(compiled.Warnings);
            return compiled;
        }
        catch (GantryException failure)
        {
            work.Definition.Tell(FailureCauses.Find<DockerfileException>(failure)?.Warnings ?? dockerfile.Warnings);
            throw;
        }
    }

    // Before anything is done: a name that cannot be given must not cost a build.
    private static List<ImageReference> NamesOf(IReadOnlyList<BuildOutput> outputs)
    {
        var names = new List<ImageReference>();
        foreach (var text in outputs.SelectMany(o => o.Names))
        {
            if (!ImageReference.TryParse(text, out var name) || name.Digest is not null)
                throw GantryException.Of(ErrorKind.Invalid, $"invalid tag \"{text}\": invalid reference format");
            names.Add(name.WithDefaultTag());
        }

        return names;
    }

    private async Task<BuildOutcome> ExportAsync(BuildSpec spec, List<ImageReference> names, CompiledBuild compiled, BuildTree tree, IBuildSession session, IBuildProgress progress, Lease lease, CancellationToken cancellationToken)
    {
        var outcome = new BuildOutcome { Dockerfile = compiled.Dockerfile, Warnings = compiled.Warnings };
        if (spec.Outputs.Count == 0)
            return outcome;
        var export = new ImageExport(_room);
        if (tree.Directory is not null)
            throw new InvalidOperationException("a result is a stack of layers");
        foreach (var diffId in tree.Layers)
            lease.Hold(diffId);
        var configuration = export.Complete(compiled, tree.Layers);
        var outputs = new OutputExport(_content, _trees, session, _paths.Scratch);
        foreach (var output in spec.Outputs)
        {
            outcome = await BuildStep.RunAsync(progress, _parts.Time, output.Kind == BuildOutputKind.Image ? "exporting to image" : "exporting to client " + output.Kind switch { BuildOutputKind.Local => "directory", BuildOutputKind.Tar => "tarball", _ => "archive" }, async vertex =>
            {
                List<ImageReference> given = [.. names.Where(n => output.Names.Any(o => ImageReference.Parse(o).WithDefaultTag() == n))];
                switch (output.Kind)
                {
                    case BuildOutputKind.Image:
                        var (id, manifest) = export.Record(configuration, given, lease);
                        Told(progress, vertex, $"writing image {id}");
                        foreach (var name in given)
                            Told(progress, vertex, $"naming to {name}");
                        return outcome with { Image = id, Manifest = manifest, Names = [.. given.Select(n => n.ToString())] };
                    case BuildOutputKind.Local:
                        await outputs.SendFilesAsync(tree, output, cancellationToken);
                        return outcome;
                    case BuildOutputKind.Tar:
                        await outputs.SendTarAsync(tree, output, cancellationToken);
                        return outcome;
                    default:
                        await outputs.SendImageAsync(configuration, given, output, cancellationToken);
                        return outcome;
                }
            });
        }

        return outcome;
    }

    private void Told(IBuildProgress progress, Digest vertex, string what)
    {
        var now = _parts.Time.GetUtcNow();
        progress.Report(new VertexStatus { Vertex = vertex, Id = what, Time = now, Started = now, Completed = now });
    }
}
