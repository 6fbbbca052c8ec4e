namespace Gantry.Build;

/// <summary>SHELL: what runs shell forms from here on.</summary>
public sealed record ShellInstruction : Instruction
{
    public required IReadOnlyList<string> Shell { get; init; }
}
