namespace Gantry.Build;

/// <summary>STOPSIGNAL.</summary>
public sealed record StopsignalInstruction : Instruction
{
    public required string Signal { get; init; }
}
