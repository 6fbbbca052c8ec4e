using Gantry.Model;

namespace Gantry.Build;

/// <summary>One input of a step as its key counted it.</summary>
public sealed record RecipeInput
{
    /// <summary>The step or source that made it, as people are shown it.</summary>
    public required string Name { get; init; }

    /// <summary>Its identity, or the digest of what the step uses of it; null: nobody had to look, in this build or the one before.</summary>
    public required Digest? Digest { get; init; }

    /// <summary>Whether it is an image's files: a stage's beginning.</summary>
    public bool IsImage { get; init; }

    /// <summary>What the step uses of it; null: it uses all, or the files are too many to be kept.</summary>
    public IReadOnlyList<FileMark>? Files { get; init; }
}
