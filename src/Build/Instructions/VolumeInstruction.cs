namespace Gantry.Build;

/// <summary>VOLUME.</summary>
public sealed record VolumeInstruction : Instruction
{
    public required IReadOnlyList<string> Paths { get; init; }
}
