namespace Gantry.Build;

/// <summary>A Dockerfile as a typed tree: nothing is expanded, nothing is looked up.</summary>
public sealed record Dockerfile
{
    public required ParserDirectives Directives { get; init; }

    /// <summary>The ARG instructions before the first FROM.</summary>
    public required IReadOnlyList<ArgInstruction> GlobalArguments { get; init; }

    /// <summary>In the order of the file; never empty.</summary>
    public required IReadOnlyList<Stage> Stages { get; init; }

    /// <summary>The file's lines without their ends, for messages that show them.</summary>
    public required IReadOnlyList<string> SourceText { get; init; }

    /// <summary>What is linted: by <c># check=</c>, or what the build was given in its place.</summary>
    public LintOptions Lint { get; init; } = new();

    /// <summary>What linting found while the file was read: the beginning of a <see cref="LintReport"/>.</summary>
    public IReadOnlyList<LintWarning> Warnings { get; init; } = [];
}
