using Gantry.Model.Patterns;

namespace Gantry.Cli.Builds;

/// <summary>One directory that a build is sent: of this machine, or made of files in memory.</summary>
/// <param name="Name">What the build calls it: <c>context</c>, <c>dockerfile</c>, or a named context.</param>
internal sealed record BuildDirectory(string Name)
{
    /// <summary>Where it lies; null: it is <see cref="Files"/> alone.</summary>
    public string? Path { get; init; }

    /// <summary>What is left out.</summary>
    public PatternMatcher Excluded { get; init; } = PatternMatcher.Parse([]);

    /// <summary>Paths that are sent even when a pattern leaves them out: what says how to build.</summary>
    public IReadOnlySet<string> Always { get; init; } = new HashSet<string>();

    /// <summary>Files by their names.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Files { get; init; } = [];
}
