namespace Gantry.Build;

/// <summary>LABEL: metadata.</summary>
public sealed record LabelInstruction : Instruction
{
    public required IReadOnlyList<Assignment> Labels { get; init; }
}
