namespace Gantry.Build;

/// <summary>MAINTAINER: the author.</summary>
public sealed record MaintainerInstruction : Instruction
{
    public required string Maintainer { get; init; }
}
