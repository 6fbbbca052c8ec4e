namespace Gantry.Build;

/// <summary>WORKDIR.</summary>
public sealed record WorkdirInstruction : Instruction
{
    public required string Path { get; init; }
}
