namespace Gantry.Model.Oci;

/// <summary>CPU limits.</summary>
public sealed record LinuxCpu
{
    public ulong? Shares { get; init; }

    /// <summary>Microseconds in a period.</summary>
    public long? Quota { get; init; }

    /// <summary>Microseconds.</summary>
    public ulong? Burst { get; init; }

    /// <summary>Microseconds.</summary>
    public ulong? Period { get; init; }

    /// <summary>Microseconds.</summary>
    public long? RealtimeRuntime { get; init; }

    /// <summary>Microseconds.</summary>
    public ulong? RealtimePeriod { get; init; }

    public string? Cpus { get; init; }

    public string? Mems { get; init; }

    public long? Idle { get; init; }
}
