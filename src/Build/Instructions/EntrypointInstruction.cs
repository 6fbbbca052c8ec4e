namespace Gantry.Build;

/// <summary>ENTRYPOINT: what is always run.</summary>
public sealed record EntrypointInstruction : Instruction
{
    public required CommandLine Command { get; init; }
}
