using Gantry.Build;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Takes caches outside the engine in before a build's steps run, and writes them when these have run.</summary>
internal sealed class CacheTransfer(ImageRoom room, CacheExport exports, CacheMounts mounts, string scratch, TimeProvider time)
{
    private const string StorePrefix = "local:";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Refuses what cannot be, before anything is built.</summary>
    /// <exception cref="GantryException">Invalid: an attribute is missing or makes no sense. NotSupported: another kind of cache.</exception>
    public static void Check(BuildSpec spec)
    {
        foreach (var cache in spec.CacheImports)
        {
            if (cache.Type is "registry" or "inline")
                Reference(cache.Find("ref"), "--cache-from");
            else if (cache.Type != "local" || LayoutOf(cache) is null)
                throw Unknown("import", cache.Type);
        }

        foreach (var cache in spec.CacheExports)
        {
            if (cache.Find("mode") is { } mode and not ("min" or "max"))
                throw GantryException.Of(ErrorKind.Invalid, $"cache mode \"{mode}\" is not known: it is min (the layers of the image) or max (those of all stages)");
            if (cache.Type == "registry" && Reference(cache.Find("ref"), "--cache-to").Digest is not null)
                throw GantryException.Of(ErrorKind.Invalid, $"--cache-to: \"{cache.Find("ref")}\" has a digest, and what is written will have another: name it by a tag");
            if (cache.Type is not ("registry" or "inline") && (cache.Type != "local" || (cache.Find("output") ?? cache.Find("dest")) is null))
                throw Unknown("export", cache.Type);
            CacheShape.Read(cache);
        }
    }

    /// <summary>Takes in what the build names. What cannot be had is told, and done without.</summary>
    public async Task ImportAsync(BuildSpec spec, CacheImports imports, IBuildSession session, IBuildProgress progress, Lease lease, CancellationToken cancellationToken)
    {
        IEnumerable<CacheSpec> named = [.. spec.CacheFrom.Select(static image => new CacheSpec { Type = "registry", Attributes = new Dictionary<string, string> { ["ref"] = image } }), .. spec.CacheImports];
        foreach (var cache in named.DistinctBy(static c => (c.Type, c.Find("ref"), LayoutOf(c), c.Find("digest"))))
        {
            var source = SourceOf(cache, session);
            await DoWithoutAsync($"importing cache manifest from {source.Name}", progress, async vertex =>
            {
                if (cache.Type == "local" && cache.Find("digest") is null)
                    throw GantryException.Of(ErrorKind.NotFound, $"{source.Name} has no cache with the tag \"{cache.Find("tag") ?? "latest"}\"");
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
    /// <param name="runner">Tells the digests of what steps copied.</param>
    /// <returns>The manifest of the last one; null: none was written.</returns>
    /// <exception cref="GantryException">A cache cannot be written, and nobody said <c>ignore-error</c>.</exception>
    public async Task<Descriptor?> ExportAsync(BuildSpec spec, CacheRecorder results, CacheImports imports, IReadOnlyList<BuildTree> finals, IStepRunner runner, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        Descriptor? written = null;
        foreach (var cache in spec.CacheExports.Where(static c => c.Type != "inline"))
        {
            try
            {
                var title = cache.Type == "registry" ? "exporting cache to registry" : "exporting cache to client directory";
                written = await BuildStep.RunAsync(progress, time, title, vertex => WriteAsync(cache, what => Tell(progress, vertex, what)));
            }
            catch (GantryException) when (cache.Has("ignore-error"))
            {
                // The step has told it.
            }
        }

        return written;

        async Task<Descriptor> WriteAsync(CacheSpec cache, Action<string> told)
        {
            var chosen = CacheExport.Choose(results, finals, cache.Find("mode") == "max");
            foreach (var stack in chosen.Values)
                await imports.EnsureAsync(BuildTrees.ResultOf(stack), cancellationToken);
            using var target = TargetOf(cache, session);
            return await exports.WriteAsync(results, chosen, target, CacheShape.Read(cache), runner, told, cancellationToken);
        }
    }

    private ICacheTarget TargetOf(CacheSpec cache, IBuildSession session)
    {
        if (cache.Type == "registry")
        {
            var reference = Reference(cache.Find("ref"), "--cache-to");
            return new RegistryCacheTarget(room.Registry.OpenUpload(reference, new ClientAccess(session, reference.Domain)), reference.Tag!);
        }

        if (cache.Find("output") is not { } output)
            return new StoreCacheTarget(session, StorePrefix + cache.Find("dest"));
        return new LayoutCacheTarget(
            Directory.CreateDirectory(Path.Combine(scratch, Path.GetRandomFileName()), Private).FullName,
            cache.Find("tag") ?? "latest",
            new BuildOutput { Kind = BuildOutputKind.Local, ExporterId = output },
            session);
    }

    // gantry names a directory that it lends, BuildKit's clients a store of blobs of their sessions. Source: buildkit client/solve.go, parseCacheOptions.
    private static string? LayoutOf(CacheSpec cache) => cache.Find("context") ?? (cache.Find("src") is { } path ? StorePrefix + path : null);

    private static ImageReference Reference(string? text, string flag) => text is not null && ImageReference.TryParse(text, out var reference)
        ? reference.WithDefaultTag()
        : throw GantryException.Of(ErrorKind.Invalid, text is null ? $"{flag} type=registry needs a name, as in {flag} type=registry,ref=REGISTRY/NAME:TAG" : $"{flag}: invalid reference \"{text}\"");

    private static GantryException Unknown(string direction, string type) => type switch
    {
        "local" => GantryException.Of(ErrorKind.NotSupported, $"cache {direction} of type \"local\" is not possible through this client: use gantry build, or type=registry"),
        _ => GantryException.Of(ErrorKind.NotSupported, $"cache {direction} of type \"{type}\" is not supported: there are registry, local and inline"),
    };

    private ICacheSource SourceOf(CacheSpec cache, IBuildSession session)
    {
        if (cache.Type == "local")
        {
            var name = cache.Find("src") ?? "the client's directory";
            return new RemoteCacheSource(room.Content, new ClientLayout(session, LayoutOf(cache)!, name), name, cache.Find("digest") ?? "");
        }

        var reference = Reference(cache.Find("ref"), "--cache-from");
        if (reference.Digest is null && room.Content.Images.FindTag(reference) is { } image && room.ConfigurationOf(image.Id).InlineCache is not null)
            return new ImageCacheSource(room, reference, image.Id);
        var repository = room.Registry.Open(reference, new ClientAccess(session, reference.Domain));
        return new RemoteCacheSource(room.Content, repository, reference.ToString(), reference.Digest?.ToString() ?? reference.Tag!);
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
