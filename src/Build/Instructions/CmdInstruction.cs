namespace Gantry.Build;

/// <summary>CMD: the default command.</summary>
public sealed record CmdInstruction : Instruction
{
    public required CommandLine Command { get; init; }
}
