namespace Gantry.Kernel.Cgroups;

/// <summary>What a cgroup has used so far, and the limits that stand beside it.</summary>
/// <remarks>Numbers of controllers that are not there are zero, lists null.</remarks>
public sealed record CgroupUsage
{
    public long CpuNs { get; init; }

    public long CpuUserNs { get; init; }

    public long CpuKernelNs { get; init; }

    /// <summary>By processor; empty in version 2, which does not count so.</summary>
    public IReadOnlyList<long> CpuByProcessorNs { get; init; } = [];

    /// <summary>Periods in which a quota was in force.</summary>
    public long Periods { get; init; }

    public long ThrottledPeriods { get; init; }

    public long ThrottledNs { get; init; }

    /// <summary>With page cache.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The most there ever was; 0 in version 2.</summary>
    public long MemoryPeakBytes { get; init; }

    /// <summary>0 when there is no memory controller, <see cref="long.MaxValue"/> when there is no limit.</summary>
    public long MemoryLimitBytes { get; init; }

    /// <summary>How often the limit was reached (version 1), or the killer called (version 2).</summary>
    public long MemoryFailures { get; init; }

    /// <summary>The lines of <c>memory.stat</c>.</summary>
    public IReadOnlyDictionary<string, long> MemoryDetails { get; init; } = new Dictionary<string, long>();

    public long Processes { get; init; }

    /// <summary>0: none.</summary>
    public long ProcessLimit { get; init; }

    /// <summary>Bytes by device and operation; null: not counted here.</summary>
    public IReadOnlyList<BlockTransfer>? Bytes { get; init; }

    /// <summary>Operations by device and kind; null: not counted here (version 2 sums them up otherwise).</summary>
    public IReadOnlyList<BlockTransfer>? Operations { get; init; }

    /// <summary>Reads it. A cgroup that is being removed gives what could still be read.</summary>
    /// <param name="directories">By controller, or one under the empty name for version 2.</param>
    public static CgroupUsage Read(IReadOnlyDictionary<string, string> directories) =>
        directories.Count == 1 && directories.TryGetValue("", out var unified) ? UnifiedUsage.Read(unified) : LegacyUsage.Read(directories);
}
