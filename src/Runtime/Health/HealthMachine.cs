using Gantry.Model.Monitor;

namespace Gantry.Runtime.Health;

/// <summary>What probes make of a container's health, and when the next one is due. Pure.</summary>
/// <remarks>Source: moby daemon/health.go handleProbeResult and monitor.</remarks>
public sealed class HealthMachine(MonitorHealthSpec spec, DateTimeOffset startedAt)
{
    /// <summary>How many probes are remembered.</summary>
    public const int Kept = 5;

    private readonly List<MonitorProbe> _log = [];

    /// <summary>One of <see cref="HealthWords"/>.</summary>
    public string Status { get; private set; } = HealthWords.Starting;

    /// <summary>How many probes in a row have failed; failures of the start period are not counted.</summary>
    public int FailingStreak { get; private set; }

    /// <summary>The health with all that is remembered.</summary>
    public MonitorHealth Health => new() { Status = Status, FailingStreak = FailingStreak, Log = [.. _log] };

    /// <summary>Takes a probe's result.</summary>
    /// <returns>The health, with this probe alone.</returns>
    public MonitorHealth Take(MonitorProbe probe)
    {
        if (_log.Count == Kept)
            _log.RemoveAt(0);
        _log.Add(probe);
        if (probe.ExitCode == 0)
        {
            FailingStreak = 0;
            Status = HealthWords.Healthy;
        }
        else if (Status != HealthWords.Starting || probe.Start - startedAt >= spec.StartPeriod)
        {
            FailingStreak++;
            if (FailingStreak >= spec.Retries)
                Status = HealthWords.Unhealthy;
        }
        return new MonitorHealth { Status = Status, FailingStreak = FailingStreak, Log = [probe] };
    }

    /// <summary>How long to wait before the next probe.</summary>
    public TimeSpan WaitFrom(DateTimeOffset now) =>
        Status == HealthWords.Starting && now - startedAt < spec.StartPeriod ? spec.StartInterval : spec.Interval;
}
