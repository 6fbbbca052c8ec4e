namespace Gantry.Build;

/// <summary>A lint rule: what it asks for.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/linter/ruleset.go.</remarks>
public sealed record LintRule
{
    /// <summary>As in <c>StageNameCasing</c>: what <c># check=</c> and people know it by.</summary>
    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>Where more is written; empty: nowhere.</summary>
    public required string Url { get; init; }

    /// <summary>Only checked where it is asked for by name, or all such rules are.</summary>
    public bool IsExperimental { get; init; }
}
