namespace Gantry.Kernel.Cgroups;

/// <summary>Reads the counters of version 1 hierarchies.</summary>
/// <remarks>Source: kernel Documentation/admin-guide/cgroup-v1/{cpuacct,memory,pids,blkio-controller}.rst, scheduler/sched-bwc.rst.</remarks>
internal static class LegacyUsage
{
    // cpuacct.stat counts in USER_HZ, which is 100 on every machine.
    private const long TickNs = 10_000_000;

    public static CgroupUsage Read(IReadOnlyDictionary<string, string> directories)
    {
        var account = directories.GetValueOrDefault("cpuacct");
        var memory = directories.GetValueOrDefault("memory");
        var pids = directories.GetValueOrDefault("pids");
        var block = directories.GetValueOrDefault("blkio");
        var modes = UsageFile.Pairs(account, "cpuacct.stat");
        var throttling = UsageFile.Pairs(directories.GetValueOrDefault("cpu"), "cpu.stat");
        return new CgroupUsage
        {
            CpuNs = UsageFile.Number(account, "cpuacct.usage"),
            CpuUserNs = modes.GetValueOrDefault("user") * TickNs,
            CpuKernelNs = modes.GetValueOrDefault("system") * TickNs,
            CpuByProcessorNs = ByProcessor(UsageFile.Find(account, "cpuacct.usage_percpu")),
            Periods = throttling.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = throttling.GetValueOrDefault("nr_throttled"),
            ThrottledNs = throttling.GetValueOrDefault("throttled_time"),
            MemoryBytes = UsageFile.Number(memory, "memory.usage_in_bytes"),
            MemoryPeakBytes = UsageFile.Number(memory, "memory.max_usage_in_bytes"),
            MemoryLimitBytes = UsageFile.Number(memory, "memory.limit_in_bytes"),
            MemoryFailures = UsageFile.Number(memory, "memory.failcnt"),
            MemoryDetails = UsageFile.Pairs(memory, "memory.stat"),
            Processes = UsageFile.Number(pids, "pids.current"),
            ProcessLimit = UsageFile.Limit(pids, "pids.max", whenMax: 0),
            Bytes = Block(block, "io_service_bytes"),
            Operations = Block(block, "io_serviced"),
        };
    }

    /// <summary>Parses lines <c>8:0 Read 4096</c>; the total at the end is left out.</summary>
    internal static List<BlockTransfer> Transfers(string text)
    {
        List<BlockTransfer> transfers = [];
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ') is [var device, var operation, var count] && UsageFile.TryDevice(device, out var major, out var minor))
                transfers.Add(new(major, minor, operation, UsageFile.Number(count)));
        }
        return transfers;
    }

    // The I/O scheduler counts when it is bfq; else throttling does, which sees all that passes.
    private static List<BlockTransfer>? Block(string? directory, string counter) =>
        (UsageFile.Find(directory, $"blkio.bfq.{counter}_recursive") ?? UsageFile.Find(directory, $"blkio.throttle.{counter}_recursive") ?? UsageFile.Find(directory, $"blkio.throttle.{counter}")) is { } text
            ? Transfers(text)
            : null;

    private static List<long> ByProcessor(string? text)
    {
        List<long> processors = [];
        foreach (var number in (text ?? "").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            processors.Add(UsageFile.Number(number));
        return processors;
    }
}
