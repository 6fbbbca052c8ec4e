using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;

namespace Gantry.Engine.Stats;

/// <summary>Turns what the kernel counted into the shape that clients know. Pure.</summary>
/// <remarks>Source: moby daemon/stats_unix.go.</remarks>
internal static class StatsSample
{
    /// <summary>One sample, without what came before it.</summary>
    /// <param name="usage">Of the container's cgroup.</param>
    /// <param name="system">Of the machine, at the same moment.</param>
    /// <param name="machineMemoryBytes">The limit of a container that has none.</param>
    public static ContainerStatsResponse Of(CgroupUsage usage, SystemCpu system, long machineMemoryBytes) => new()
    {
        Pids = new ContainerPidsStats { Current = usage.Processes, Limit = usage.ProcessLimit },
        Blkio = Block(usage),
        Cpu = new ContainerCPUStats
        {
            Usage = new ContainerCPUUsage { Total = usage.CpuNs, PerCpu = usage.CpuByProcessorNs, InKernelMode = usage.CpuKernelNs, InUserMode = usage.CpuUserNs },
            SystemUsage = system.TotalNs,
            OnlineCpus = system.Online,
            Throttling = new ContainerThrottlingData { Periods = usage.Periods, ThrottledPeriods = usage.ThrottledPeriods, ThrottledTime = usage.ThrottledNs },
        },
        Memory = new ContainerMemoryStats
        {
            Usage = usage.MemoryBytes,
            MaxUsage = usage.MemoryPeakBytes,
            Stats = usage.MemoryDetails,
            FailCount = usage.MemoryFailures,
            Limit = Math.Min(usage.MemoryLimitBytes, machineMemoryBytes),
        },
    };

    /// <summary>The counters that this kernel has; those of the CFQ scheduler, gone since Linux 5.0, are empty where the others are lists.</summary>
    private static ContainerBlkioStats Block(CgroupUsage usage)
    {
        if (usage.Operations is not { } operations)
            return new ContainerBlkioStats { ServiceBytes = Entries(usage.Bytes) };
        return new ContainerBlkioStats { ServiceBytes = Entries(usage.Bytes), Serviced = Entries(operations), Queued = [], ServiceTime = [], WaitTime = [], Merged = [], Time = [], Sectors = [] };
    }

    private static List<ContainerBlkioStatEntry>? Entries(IReadOnlyList<BlockTransfer>? transfers) =>
        transfers?.Select(transfer => new ContainerBlkioStatEntry { Major = transfer.Major, Minor = transfer.Minor, Operation = transfer.Operation, Value = transfer.Count }).ToList();
}
