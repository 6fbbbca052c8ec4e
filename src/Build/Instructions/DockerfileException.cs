namespace Gantry.Build;

/// <summary>Where in a Dockerfile a failure comes from: the cause of the <see cref="Model.GantryException"/> that says what it is.</summary>
public sealed class DockerfileException(SourceLines lines, Exception? cause = null) : Exception($"line {lines.First}", cause)
{
    public SourceLines Lines { get; } = lines;

    /// <summary>What linting had found by then: people are shown it before the failure.</summary>
    public IReadOnlyList<LintWarning> Warnings { get; init; } = [];
}
