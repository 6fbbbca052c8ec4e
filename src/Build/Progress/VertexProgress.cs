using Gantry.Model;

namespace Gantry.Build;

/// <summary>The state of a vertex at a moment; a later one replaces it.</summary>
/// <remarks>Source: BuildKit's api/services/control Vertex, from which every door's output is made.</remarks>
public sealed record VertexProgress
{
    public required Digest Digest { get; init; }

    public required string Name { get; init; }

    /// <summary>The digests of what it is made of.</summary>
    public required IReadOnlyList<Digest> Inputs { get; init; }

    /// <summary>Null: not yet.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Null: not yet.</summary>
    public DateTimeOffset? Completed { get; init; }

    /// <summary>Its result was known already.</summary>
    public bool Cached { get; init; }

    /// <summary>Why it runs: what changed since the last build of the same project, a sentence each. Empty: it does not, or nobody asked.</summary>
    public IReadOnlyList<string> Why { get; init; } = [];

    /// <summary>Why it failed; null: it did not.</summary>
    public string? Error { get; init; }
}
