namespace Gantry.Build;

/// <summary>HEALTHCHECK.</summary>
public sealed record HealthcheckInstruction : Instruction
{
    /// <summary>As the image's configuration has it: <c>["NONE"]</c>, <c>["CMD", …]</c>, <c>["CMD-SHELL", text]</c>.</summary>
    public required IReadOnlyList<string> Test { get; init; }

    /// <summary>Zero: the default. So are the others.</summary>
    public TimeSpan Interval { get; init; }

    public TimeSpan Timeout { get; init; }

    public TimeSpan StartPeriod { get; init; }

    public TimeSpan StartInterval { get; init; }

    public int Retries { get; init; }
}
