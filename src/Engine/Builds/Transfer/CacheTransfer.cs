using Gantry.Build;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Takes caches outside the engine in before a build's steps run, and writes them when these have run.</summary>
internal sealed class CacheTransfer(ImageRoom room, CacheExport exports, CacheMounts mounts, string scratch, TimeProvider time)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Refuses what cannot be, before anything is built.</summary>
    /// <exception cref="GantryException">Invalid: an attribute is missing or makes no sense. NotSupported: another kind of cache.</exception>
    public static void Check(BuildSpec spec)
    {
        foreach (var cache in spec.CacheImports)
        {
            if (cache.Type is "registry" or "inline")
                Reference(cache.Find("ref"), "--cache-from");
            else if (cache.Type != "local" || cache.Find("context") is null)
                throw Unknown("import", cache.Type);
        }

        foreach (var cache in spec.CacheExports)
        {
            if (cache.Find("mode") is { } mode and not ("min" or "max"))
                throw GantryException.Of(ErrorKind.Invalid, $"cache mode \"{mode}\" is not known: it is min (the layers of the image) or max (those of all stages)");
            if (cache.Type != "inline" && (cache.Type != "local" || cache.Find("output") is null))
                throw Unknown("export", cache.Type);
        }
    }

    /// <summary>Takes in what the build names. What cannot be had is told, and done without.</summary>
    public async Task ImportAsync(BuildSpec spec, CacheImports imports, BuildContexts contexts, IBuildSession session, IBuildProgress progress, Lease lease, CancellationToken cancellationToken)
    {
        IEnumerable<CacheSpec> named = [.. spec.CacheFrom.Select(static image => new CacheSpec { Type = "registry", Attributes = new Dictionary<string, string> { ["ref"] = image } }), .. spec.CacheImports];
        foreach (var cache in named.DistinctBy(static c => (c.Type, c.Find("ref"), c.Find("context"), c.Find("tag"), c.Find("digest"))))
        {
            var source = await SourceAsync(cache, contexts, session, cancellationToken);
            await DoWithoutAsync($"importing cache manifest from {source.Name}", progress, async vertex =>
            {
                if (await source.ReadAsync(cancellationToken) is not { } document)
                {
                    Tell(progress, vertex, "no cache of Gantry's: another tool's keys mean nothing here");
                    return;
                }

                imports.Add(source, cache.Has("mounts") ? document : document with { Mounts = new Dictionary<string, int>() });
                foreach (var (from, name, layer) in imports.Mounts.Where(m => m.Source == source && mounts.PathOf(m.Name) is null).ToList())
                {
                    await from.FetchAsync(layer, lease, cancellationToken);
                    using var content = await room.Content.Layers.UnpackAsync(layer.DiffId, room.Content.Blobs.Open(layer.Blob), null, cancellationToken);
                    mounts.Add(name, content);
                }
            });
        }
    }

    /// <summary>Writes what the build names.</summary>
    /// <param name="finals">The results' trees, as their steps made them.</param>
    /// <exception cref="GantryException">A cache cannot be written, and nobody said <c>ignore-error</c>.</exception>
    public async Task ExportAsync(BuildSpec spec, CacheRecorder results, CacheImports imports, IReadOnlyList<BuildTree> finals, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        foreach (var cache in spec.CacheExports.Where(static c => c.Type != "inline"))
        {
            try
            {
                await BuildStep.RunAsync(progress, time, "exporting cache to client directory", async _ =>
                {
                    await WriteAsync(cache);
                    return true;
                });
            }
            catch (GantryException) when (cache.Has("ignore-error"))
            {
                // The step has told it.
            }
        }

        async Task WriteAsync(CacheSpec cache)
        {
            var chosen = CacheExport.Choose(results, finals, cache.Find("mode") == "max");
            foreach (var stack in chosen.Values)
                await imports.EnsureAsync(BuildTrees.ResultOf(stack), cancellationToken);
            using var directory = new LayoutCacheTarget(
                Directory.CreateDirectory(Path.Combine(scratch, Path.GetRandomFileName()), Private).FullName,
                cache.Find("tag") ?? "latest",
                new BuildOutput { Kind = BuildOutputKind.Local, ExporterId = cache.Find("output") },
                session);
            await exports.WriteAsync(results, chosen, directory, cache.Has("mounts"), cache.Find("image-manifest") is not ("false" or "0"), cancellationToken);
        }
    }

    private static ImageReference Reference(string? text, string flag) => text is not null && ImageReference.TryParse(text, out var reference)
        ? reference.WithDefaultTag()
        : throw GantryException.Of(ErrorKind.Invalid, text is null ? $"{flag} type=registry needs a name, as in {flag} type=registry,ref=REGISTRY/NAME:TAG" : $"{flag}: invalid reference \"{text}\"");

    private static GantryException Unknown(string direction, string type) => type switch
    {
        "local" => GantryException.Of(ErrorKind.NotSupported, $"cache {direction} of type \"local\" is not possible through this client: use gantry build, or type=registry"),
        _ => GantryException.Of(ErrorKind.NotSupported, $"cache {direction} of type \"{type}\" is not supported: there are {(direction == "import" ? "registry, local and inline" : "local and inline")}"),
    };

    private async Task<ICacheSource> SourceAsync(CacheSpec cache, BuildContexts contexts, IBuildSession session, CancellationToken cancellationToken)
    {
        if (cache.Type == "local")
        {
            var directory = await contexts.ReceiveAsync(new ContextRequest { Name = cache.Find("context")! }, null, cancellationToken);
            var digest = cache.Find("digest") is { } text ? Digest.Parse(text) : (Digest?)null;
            return new LayoutCacheSource(room.Content, directory, cache.Find("src") ?? "the client's directory", cache.Find("tag") ?? "latest", digest);
        }

        var reference = Reference(cache.Find("ref"), "--cache-from");
        if (reference.Digest is null && room.Content.Images.FindTag(reference) is { } image && room.ConfigurationOf(image.Id).InlineCache is not null)
            return new ImageCacheSource(room, reference, image.Id);
        return new RegistryCacheSource(room, reference, await BuildLogin.FindAsync(session, reference.Domain, cancellationToken));
    }

    private async Task DoWithoutAsync(string name, IBuildProgress progress, Func<Digest, Task> work)
    {
        try
        {
            await BuildStep.RunAsync(progress, time, name, async vertex =>
            {
                await work(vertex);
                return true;
            });
        }
        catch (Exception failure) when (failure is GantryException or IOException)
        {
            // The step has told it.
        }
    }

    private void Tell(IBuildProgress progress, Digest vertex, string what)
    {
        var now = time.GetUtcNow();
        progress.Report(new VertexStatus { Vertex = vertex, Id = what, Time = now, Started = now, Completed = now });
    }
}
