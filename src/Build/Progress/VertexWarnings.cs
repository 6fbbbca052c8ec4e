using Gantry.Model;

namespace Gantry.Build;

/// <summary>What linting found in the Dockerfile that a vertex read.</summary>
public sealed record VertexWarnings
{
    public required Digest Vertex { get; init; }

    /// <summary>Not empty.</summary>
    public required IReadOnlyList<LintWarning> Warnings { get; init; }

    /// <summary>The file that they have their lines in.</summary>
    public required FileSource Source { get; init; }
}
