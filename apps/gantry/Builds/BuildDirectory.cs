namespace Gantry.Cli.Builds;

/// <summary>One directory that a build may be sent: of this machine, or made of files in memory.</summary>
/// <param name="Name">What the build calls it: <c>context</c>, <c>dockerfile</c>, or a named context.</param>
internal sealed record BuildDirectory(string Name)
{
    /// <summary>Where it lies; null: it is <see cref="Files"/> alone.</summary>
    public string? Path { get; init; }

    /// <summary>The .dockerignore file that goes with it; null: there is none.</summary>
    public byte[]? Ignore { get; init; }

    /// <summary>Whether it only lies beside what is built, as a cache does: the engine's copies of the others are the same without it.</summary>
    public bool IsBeside { get; init; }

    /// <summary>Files by their names.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Files { get; init; } = [];
}
