namespace Gantry.Build;

/// <summary>ARG: variables that a build may be given.</summary>
public sealed record ArgInstruction : Instruction
{
    public required IReadOnlyList<Assignment> Arguments { get; init; }
}
