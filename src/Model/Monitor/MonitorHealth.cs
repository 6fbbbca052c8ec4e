namespace Gantry.Model.Monitor;

/// <summary>A container's health as its monitor has found it.</summary>
public sealed record MonitorHealth
{
    /// <summary>One of <see cref="HealthWords"/>.</summary>
    public required string Status { get; init; }

    /// <summary>How many probes in a row have failed.</summary>
    public int FailingStreak { get; init; }

    /// <summary>The last probes, oldest first.</summary>
    public IReadOnlyList<MonitorProbe> Log { get; init; } = [];
}
