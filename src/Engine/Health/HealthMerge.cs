using Gantry.Model.Monitor;

namespace Gantry.Engine.Health;

/// <summary>Brings what is known of a container's health together. Pure.</summary>
internal static class HealthMerge
{
    private const int Kept = 5; // Source: moby daemon/health.go maxLogEntries

    /// <summary>The health when a run begins: unknown, with the results of earlier runs.</summary>
    public static MonitorHealth AtStart(MonitorHealth? before) => new() { Status = HealthWords.Starting, Log = before?.Log ?? [] };

    /// <summary>The health when probing has ended, with the run or with a pause: what does not run cannot be healthy.</summary>
    /// <remarks>Source: moby container/health.go CloseMonitorChannel.</remarks>
    public static MonitorHealth? AtEnd(MonitorHealth? before) => before is null ? null : before with { Status = HealthWords.Unhealthy };

    /// <summary>The monitor's word, with the results that it does not know or tell of. A result told twice counts once.</summary>
    public static MonitorHealth Take(MonitorHealth? before, MonitorHealth told) =>
        told with { Log = [.. (before?.Log ?? []).Concat(told.Log).DistinctBy(probe => probe.Start).OrderBy(probe => probe.Start).TakeLast(Kept)] };
}
