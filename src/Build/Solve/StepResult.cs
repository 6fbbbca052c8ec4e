using Gantry.Model;

namespace Gantry.Build;

/// <summary>The file tree that a vertex made.</summary>
public sealed record StepResult
{
    /// <summary>
    /// The digest of what the tree holds: a chain id, a manifest, a context's content. Two results of one identity can stand
    /// for one another, so that a step that ran again and made the same leaves what follows cached.
    /// </summary>
    public required Digest Identity { get; init; }

    /// <summary>What a source from elsewhere turned out to be: a git commit, or a file's digest; null: it is no source, or its content was known.</summary>
    public string? Revision { get; init; }

    /// <summary>Where whoever ran the step keeps the tree; the solver does not look into it.</summary>
    public required string Reference { get; init; }
}
