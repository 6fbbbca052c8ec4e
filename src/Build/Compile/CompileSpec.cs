namespace Gantry.Build;

/// <summary>What a <see cref="DockerfileCompiler"/> makes a graph of, for one platform.</summary>
public sealed record CompileSpec
{
    public required Dockerfile Dockerfile { get; init; }

    public required BuildSpec Build { get; init; }

    /// <summary>Whose directories the contexts are.</summary>
    public required string Session { get; init; }

    /// <summary>What the engine runs on, as in <c>linux/amd64</c>.</summary>
    public required string HostPlatform { get; init; }

    /// <summary>What the image is for; null: nobody said, so it is the host's, and the base image's configuration says what it is.</summary>
    public string? Platform { get; init; }

    /// <summary>The build is made for several platforms: steps' names tell for which.</summary>
    public bool IsMultiPlatform { get; init; }

    /// <summary>
    /// What the .dockerignore files say, by the name of the session's directory: <c>context</c> for the build's own. None is
    /// there for a directory without such a file.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Ignored { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether what <see cref="BuildSpec.Context"/> names by http(s) is an archive: its content is the context. Otherwise the file is.</summary>
    public bool ContextIsArchive { get; init; }

    /// <summary>The time of the commit that the context is; null: it is none. SOURCE_DATE_EPOCH takes its place.</summary>
    public DateTimeOffset? CommitTime { get; init; }

    /// <summary>Look at all stages, also those that the target does not need: for linting.</summary>
    public bool AllStages { get; init; }
}
