namespace Gantry.Build;

/// <summary>A command in exec form or in shell form.</summary>
public sealed record CommandLine
{
    /// <summary>In shell form one element: the text that the shell gets.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Whether the stage's shell runs it.</summary>
    public required bool IsShell { get; init; }
}
