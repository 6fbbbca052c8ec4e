namespace Gantry.Build;

/// <summary>EXPOSE: ports and ranges, as in <c>80</c>, <c>53/udp</c>, <c>8000-8010</c>.</summary>
public sealed record ExposeInstruction : Instruction
{
    public required IReadOnlyList<string> Ports { get; init; }
}
