namespace Gantry.Build;

/// <summary>Limits of each step's control group; null or empty: none.</summary>
public sealed record BuildLimits
{
    public long? MemoryBytes { get; init; }

    /// <summary>Memory and swap together.</summary>
    public long? MemorySwapBytes { get; init; }

    public long? CpuShares { get; init; }

    /// <summary>Microseconds.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>Microseconds.</summary>
    public long? CpuQuota { get; init; }

    public string CpusetCpus { get; init; } = "";

    public string CpusetMems { get; init; } = "";
}
