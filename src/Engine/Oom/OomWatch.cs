using System.Globalization;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Oom;

/// <summary>Takes the monitors' word that a container ran out of memory: state, event, and a line in the engine's log that says who and how much.</summary>
internal sealed class OomWatch(EngineParts parts)
{
    /// <summary>Listens to a container's monitor.</summary>
    public void Listen(Container container, MonitorClient monitor) => monitor.OutOfMemory = oom => Record(container, oom);

    /// <summary>Records that something was killed. Docker's clients learn it from the state and the event; the rest is ours.</summary>
    public void Record(Container container, MonitorOom oom)
    {
        var record = new OomRecord(oom.PeakBytes, oom.LimitBytes, OomVictim.Find(container.Id));
        container.UpdateRun(run => run with { OomKilled = true, Oom = record });
        parts.Publish(container.Record, "oom");
        parts.Logger.Notice(Sentence(container.Record, record));
    }

    /// <summary>What happened, for people.</summary>
    internal static string Sentence(ContainerRecord container, OomRecord oom)
    {
        var who = oom.Victim is { } victim ? $"process {victim.Process} (pid {victim.Pid.ToString(CultureInfo.InvariantCulture)})" : "a process";
        var peak = oom.PeakBytes > 0 ? $"; it had used up to {Mebibytes(oom.PeakBytes)}" : "";
        var limit = oom.LimitBytes > 0 ? $" of the {Mebibytes(oom.LimitBytes)} that --memory allows" : "";
        var done = oom.Victim is null && container.HostConfig.OomKillDisable == true ? "its processes wait until some is freed, because --oom-kill-disable was given" : $"the kernel killed {who}";
        return $"container {container.Name} ran out of memory: {done}{peak}{limit}";
    }

    private static string Mebibytes(long bytes) => (bytes / 1048576.0).ToString("0.#", CultureInfo.InvariantCulture) + " MiB";
}
