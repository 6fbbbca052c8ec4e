namespace Gantry.Build;

/// <summary>One finding of a lint rule.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/linter/ruleset.go.</remarks>
public sealed record LintWarning
{
    /// <summary>As in <c>StageNameCasing</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>What is wrong here.</summary>
    public required string Message { get; init; }

    /// <summary>What the rule asks for.</summary>
    public required string Description { get; init; }

    /// <summary>Where more is written; empty: nowhere.</summary>
    public required string Url { get; init; }

    /// <summary>Where; null: the file as a whole.</summary>
    public SourceLines? Lines { get; init; }
}
