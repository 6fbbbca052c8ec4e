namespace Gantry.Build;

/// <summary>USER.</summary>
public sealed record UserInstruction : Instruction
{
    public required string User { get; init; }
}
