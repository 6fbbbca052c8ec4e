namespace Gantry.Kernel.Cgroups;

/// <summary>Reads the counters of a version 2 cgroup.</summary>
/// <remarks>Source: kernel Documentation/admin-guide/cgroup-v2.rst.</remarks>
internal static class UnifiedUsage
{
    public static CgroupUsage Read(string directory)
    {
        var cpu = UsageFile.Pairs(directory, "cpu.stat");
        return new CgroupUsage
        {
            CpuNs = cpu.GetValueOrDefault("usage_usec") * 1000,
            CpuUserNs = cpu.GetValueOrDefault("user_usec") * 1000,
            CpuKernelNs = cpu.GetValueOrDefault("system_usec") * 1000,
            Periods = cpu.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = cpu.GetValueOrDefault("nr_throttled"),
            ThrottledNs = cpu.GetValueOrDefault("throttled_usec") * 1000,
            MemoryBytes = UsageFile.Number(directory, "memory.current"),
            MemoryLimitBytes = UsageFile.Limit(directory, "memory.max", whenMax: long.MaxValue),
            MemoryFailures = UsageFile.Pairs(directory, "memory.events").GetValueOrDefault("oom"),
            MemoryDetails = UsageFile.Pairs(directory, "memory.stat"),
            Processes = UsageFile.Number(directory, "pids.current"),
            ProcessLimit = UsageFile.Limit(directory, "pids.max", whenMax: 0),
            Bytes = UsageFile.Find(directory, "io.stat") is { } io ? Transfers(io) : null,
        };
    }

    /// <summary>Parses lines <c>8:0 rbytes=1 wbytes=2 rios=3 …</c>.</summary>
    internal static List<BlockTransfer> Transfers(string text)
    {
        List<BlockTransfer> transfers = [];
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ');
            if (!UsageFile.TryDevice(words[0], out var major, out var minor))
                continue;
            transfers.Add(new(major, minor, "read", Value(words, "rbytes=")));
            transfers.Add(new(major, minor, "write", Value(words, "wbytes=")));
        }
        return transfers;
    }

    private static long Value(string[] words, string key) =>
        Array.Find(words, word => word.StartsWith(key, StringComparison.Ordinal)) is { } found ? UsageFile.Number(found.AsSpan(key.Length)) : 0;
}
