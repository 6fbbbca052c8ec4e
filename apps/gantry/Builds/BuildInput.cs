namespace Gantry.Cli.Builds;

/// <summary>Where a build's files come from.</summary>
internal sealed record BuildInput
{
    /// <summary>A git or http(s) URL that the engine fetches; empty: the files are sent.</summary>
    public string Remote { get; init; } = "";

    /// <summary>What is sent when the engine asks for it.</summary>
    public IReadOnlyList<BuildDirectory> Directories { get; init; } = [];

    /// <summary>An archive that is sent as it is, in place of directories; null: none.</summary>
    public Stream? Archive { get; init; }

    /// <summary>The Dockerfile's name in the directory <c>dockerfile</c>, or in the archive or remote context.</summary>
    public string DockerfileName { get; init; } = "Dockerfile";

    /// <summary>The Dockerfile, for showing lines of it; null: it is not here.</summary>
    public byte[]? Dockerfile { get; init; }
}
