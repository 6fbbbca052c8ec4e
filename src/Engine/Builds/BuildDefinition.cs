using Gantry.Build;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Engine.Builds;

/// <summary>Reads what a build is made by: the Dockerfile, and the .dockerignore files that go with its contexts.</summary>
/// <param name="solve">Fetches the files of a context that no client sends.</param>
internal sealed class BuildDefinition(BuildSpec spec, BuildTrees trees, BuildContexts contexts, Func<Vertex, Task<StepResult>> solve, IBuildProgress progress, TimeProvider time)
{
    private const string IgnoreName = ".dockerignore";
    private const string DefaultName = "Dockerfile";
    private const string LocalPrefix = "local:";
    private const int LargestFileBytes = 16 << 20;

    private string? _directory;

    // "dockerfile" does where "Dockerfile" is looked for, as everywhere since moby/moby#10858.
    private IReadOnlyList<string> Names => Path.GetFileName(spec.DockerfileName) == DefaultName
        ? [spec.DockerfileName, spec.DockerfileName[..^DefaultName.Length] + DefaultName.ToLowerInvariant()]
        : [spec.DockerfileName];

    /// <summary>Whether the context is an archive of a web server's, to be unpacked.</summary>
    public bool ContextIsArchive { get; private set; }

    /// <exception cref="GantryException">NotFound: the client has no such file. Invalid: it cannot be read.</exception>
    public async Task<Dockerfile> ReadDockerfileAsync(CancellationToken cancellationToken)
    {
        if (spec.DockerfileText is null && RemoteContext.Find(spec.Context, $"[internal] load remote build context {spec.Context}", null) is { } remote)
            return await ReadRemoteAsync(remote);
        return await BuildStep.RunAsync(progress, time, $"[internal] load build definition from {Path.GetFileName(spec.DockerfileName)}", async vertex =>
        {
            if (spec.DockerfileText is { } sent)
                return Parse(sent);
            _directory = await contexts.ReceiveAsync(
                new ContextRequest { Name = "dockerfile", FollowPaths = [.. Names, spec.DockerfileName + IgnoreName] },
                bytes => progress.Report(new VertexStatus { Vertex = vertex, Id = "transferring dockerfile:", Current = bytes, Time = time.GetUtcNow() }),
                cancellationToken);
            return Parse(Names.Select(name => Find(_directory, name)).FirstOrDefault(static text => text is not null) ?? throw NoDockerfile());
        });
    }

    /// <summary>Patterns of what is left out of the client's directories, by their names.</summary>
    /// <exception cref="GantryException">Invalid: a pattern cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadIgnoredAsync(CancellationToken cancellationToken)
    {
        var ignored = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (!RemoteContext.Is(spec.Context))
        {
            ignored[spec.Context] = await BuildStep.RunAsync(progress, time, "[internal] load .dockerignore", async _ =>
                _directory is not null && Find(_directory, spec.DockerfileName + IgnoreName) is { } own ? IgnoreFile.Read(own) : await ReadIgnoredAsync(spec.Context, cancellationToken));
        }

        foreach (var name in spec.NamedContexts.Values.Where(v => v.StartsWith(LocalPrefix, StringComparison.Ordinal)).Select(v => v[LocalPrefix.Length..]).Distinct())
            ignored[name] = await ReadIgnoredAsync(name, cancellationToken);
        return ignored;
    }

    private async Task<IReadOnlyList<string>> ReadIgnoredAsync(string context, CancellationToken cancellationToken)
    {
        var directory = await contexts.ReceiveAsync(new ContextRequest { Name = context, FollowPaths = [IgnoreName] }, null, cancellationToken);
        return Find(directory, IgnoreName) is { } text ? IgnoreFile.Read(text) : [];
    }

    // A web server's file is the Dockerfile itself, unless it is an archive.
    private async Task<Dockerfile> ReadRemoteAsync(Vertex remote)
    {
        var tree = BuildTree.Of(await solve(remote));
        if (remote is HttpSource)
        {
            using (var root = trees.Open(tree))
            using (var file = SafePath.OpenInRoot(root, RemoteContext.FileName, OpenFlags.O_PATH))
            {
                ContextIsArchive = FileStepRunner.IsArchive(file);
                if (!ContextIsArchive)
                    return Parse(SafePath.FindContent(root, RemoteContext.FileName, LargestFileBytes)!);
            }

            tree = BuildTree.Of(await solve(RemoteContext.Unpack(remote)));
        }

        using var unpacked = trees.Open(tree);
        return Parse(Names.Select(name => SafePath.FindContent(unpacked, name, LargestFileBytes)).FirstOrDefault(static text => text is not null) ?? throw NoDockerfile());
    }

    private Dockerfile Parse(ReadOnlyMemory<byte> text) => DockerfileParser.Parse(text, spec.Arguments.GetValueOrDefault("BUILDKIT_DOCKERFILE_CHECK"));

    private GantryException NoDockerfile() =>
        GantryException.Of(ErrorKind.NotFound, $"failed to read dockerfile: open {spec.DockerfileName}: no such file or directory: make one (\"gantry init\" does), or name another with -f");

    // What the client sent may be a link to anywhere.
    private static byte[]? Find(string directory, string name)
    {
        using var root = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        return SafePath.FindContent(root, name, LargestFileBytes);
    }
}
