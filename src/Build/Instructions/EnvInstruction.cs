namespace Gantry.Build;

/// <summary>ENV: variables that stay in the image.</summary>
public sealed record EnvInstruction : Instruction
{
    public required IReadOnlyList<Assignment> Variables { get; init; }
}
