using Gantry.Build;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
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
    private Digest _vertex;

    /// <summary>The Dockerfile's text; null: it has not been read.</summary>
    public FileSource? Source { get; private set; }

    // "dockerfile" does where "Dockerfile" is looked for, as everywhere since moby/moby#10858.
    private IReadOnlyList<string> Names => Path.GetFileName(spec.DockerfileName) == DefaultName
        ? [spec.DockerfileName, spec.DockerfileName[..^DefaultName.Length] + DefaultName.ToLowerInvariant()]
        : [spec.DockerfileName];

    /// <summary>Whether the context is an archive of a web server's, to be unpacked.</summary>
    public bool ContextIsArchive { get; private set; }

    /// <summary>What BUILDKIT_DOCKERFILE_CHECK says; null: it was not given.</summary>
    public string? Check => spec.Arguments.GetValueOrDefault("BUILDKIT_DOCKERFILE_CHECK");

    /// <summary>What the context is fetched by; null: a client sends it.</summary>
    public Vertex? Remote { get; private set; }

    /// <exception cref="GantryException">NotFound: the client has no such file. Invalid: it cannot be read.</exception>
    public Task<Dockerfile> ReadDockerfileAsync(CancellationToken cancellationToken) => ReadAsync(source =>
    {
        try
        {
            return DockerfileParser.Parse(source.Data, Check);
        }
        catch (GantryException failure)
        {
            Tell(FailureCauses.Find<DockerfileException>(failure)?.Warnings ?? []);
            throw;
        }
    }, cancellationToken);

    /// <summary>Fetches the Dockerfile, whatever is in it.</summary>
    /// <exception cref="GantryException">NotFound: the client has no such file.</exception>
    public Task<FileSource> ReadSourceAsync(CancellationToken cancellationToken) => ReadAsync(static source => source, cancellationToken);

    /// <summary>Reports what linting found in the file that was read.</summary>
    public void Tell(IReadOnlyList<LintWarning> warnings)
    {
        if (warnings.Count > 0 && Source is { } source)
            progress.Report(new VertexWarnings { Vertex = _vertex, Warnings = warnings, Source = source });
    }

    private async Task<T> ReadAsync<T>(Func<FileSource, T> make, CancellationToken cancellationToken)
    {
        if (spec.DockerfileText is null && RemoteContext.Find(spec.Context, $"[internal] load remote build context {spec.Context}", null) is { } remote)
            return make(Found(await ReadRemoteAsync(remote), remote.Digest));
        return await BuildStep.RunAsync(progress, time, $"[internal] load build definition from {Path.GetFileName(spec.DockerfileName)}", async vertex =>
        {
            if (spec.DockerfileText is { } sent)
                return make(Found(sent, vertex));
            _directory = await contexts.ReceiveAsync(
                new ContextRequest { Name = "dockerfile", FollowPaths = [.. Names, spec.DockerfileName + IgnoreName] },
                bytes => progress.Report(new VertexStatus { Vertex = vertex, Id = "transferring dockerfile:", Current = bytes, Time = time.GetUtcNow() }),
                cancellationToken);
            return make(Found(Names.Select(name => Find(_directory, name)).FirstOrDefault(static text => text is not null) ?? throw NoDockerfile(), vertex));
        });
    }

    /// <summary>Patterns of what is left out of the client's directories, by their names.</summary>
    /// <exception cref="GantryException">Invalid: a pattern cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadIgnoredAsync(CancellationToken cancellationToken)
    {
        var ignored = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (spec.Context.Length > 0 && !RemoteContext.Is(spec.Context))
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
    private async Task<byte[]> ReadRemoteAsync(Vertex remote)
    {
        Remote = remote;
        var tree = BuildTree.Of(await solve(remote));
        if (remote is HttpSource)
        {
            using (var root = trees.Open(tree))
            using (var file = SafePath.OpenInRoot(root, RemoteContext.FileName, OpenFlags.O_PATH))
            {
                ContextIsArchive = FileStepRunner.IsArchive(file);
                if (!ContextIsArchive)
                    return Find(root, RemoteContext.FileName)!;
            }

            tree = BuildTree.Of(await solve(RemoteContext.Unpack(remote)));
        }

        using var unpacked = trees.Open(tree);
        return Names.Select(name => Find(unpacked, name)).FirstOrDefault(static text => text is not null) ?? throw NoDockerfile();
    }

    private FileSource Found(ReadOnlyMemory<byte> text, Digest vertex)
    {
        _vertex = vertex;
        return Source = new() { Filename = spec.DockerfileName, Data = text };
    }

    private GantryException NoDockerfile() =>
        GantryException.Of(ErrorKind.NotFound, $"failed to read dockerfile: open {spec.DockerfileName}: no such file or directory: make one (\"gantry init\" does), or name another with -f");

    // What the client sent may be a link to anywhere.
    private static byte[]? Find(string directory, string name)
    {
        using var root = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        return Find(root, name);
    }

    private static byte[]? Find(Fd root, string name)
    {
        try
        {
            return SafePath.FindContent(root, name, LargestFileBytes);
        }
        catch (SyscallException failure)
        {
            throw GantryException.Of(ErrorKind.Invalid, failure.Number == Errno.EFBIG ? $"{name} is larger than {LargestFileBytes >> 20} MiB" : $"cannot read {name}: {failure.Message}", cause: failure);
        }
    }
}
