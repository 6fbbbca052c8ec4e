namespace Gantry.Build;

/// <summary>ONBUILD: an instruction for those who begin with this image.</summary>
public sealed record OnbuildInstruction : Instruction
{
    /// <summary>The instruction's text, with its here-documents.</summary>
    public required string Trigger { get; init; }
}
