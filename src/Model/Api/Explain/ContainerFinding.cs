namespace Gantry.Model.Api;

/// <summary>One thing that is wrong with a container, or was.</summary>
public sealed record ContainerFinding
{
    /// <summary>What it is called, for programs: <c>crlf</c>, <c>out-of-memory</c>. Never changes.</summary>
    public required string Code { get; init; }

    /// <summary>What happened, and why.</summary>
    public required string Sentence { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Fix { get; init; }

    /// <summary>Whether it says more than the exit code does.</summary>
    public required bool Specific { get; init; }

    /// <summary>The line of the log that tells of it; null when it was found elsewhere.</summary>
    public string? Evidence { get; init; }
}
