using Gantry.Kernel.Cgroups;

namespace Gantry.Engine.Planning;

/// <summary>Which limits the control groups of this host can keep.</summary>
/// <remarks>Source: moby pkg/sysinfo. Where both versions are mounted, the controllers of version 1 count, as for every runtime.</remarks>
public sealed record LimitSupport
{
    public bool Memory { get; init; } = true;

    /// <summary>Whether memory limits can include swap.</summary>
    public bool Swap { get; init; } = true;

    /// <summary>The soft limit.</summary>
    public bool Reservation { get; init; } = true;

    public bool Swappiness { get; init; }

    public bool OomKillDisable { get; init; }

    public bool Pids { get; init; } = true;

    public bool CpuShares { get; init; } = true;

    /// <summary>Quota and period, and so <c>--cpus</c>.</summary>
    public bool CpuCfs { get; init; } = true;

    public bool CpuRealtime { get; init; }

    public bool Cpuset { get; init; } = true;

    public bool BlkioWeight { get; init; } = true;

    public bool BlkioWeightDevice { get; init; } = true;

    public bool BlkioReadBps { get; init; } = true;

    public bool BlkioWriteBps { get; init; } = true;

    public bool BlkioReadIops { get; init; } = true;

    public bool BlkioWriteIops { get; init; } = true;

    /// <summary>No controller is mounted.</summary>
    public static LimitSupport None { get; } = OfUnified([]);

    /// <summary>Reads what the host has.</summary>
    public static LimitSupport Read(CgroupMounts mounts)
    {
        ArgumentNullException.ThrowIfNull(mounts);
        if (mounts.Layout != CgroupLayout.V2)
            return OfLegacy(file => mounts.Find(file.Split('.')[0]) is { } hierarchy && File.Exists($"{hierarchy.MountPoint}/{file}"), mounts);
        var controllers = mounts.Unified is { } unified ? $"{unified.MountPoint}/cgroup.controllers" : "";
        return OfUnified(File.Exists(controllers) ? File.ReadAllText(controllers).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : []);
    }

    /// <summary>What version 2 keeps with these controllers.</summary>
    internal static LimitSupport OfUnified(IReadOnlyCollection<string> controllers)
    {
        var (memory, cpu, io) = (controllers.Contains("memory"), controllers.Contains("cpu"), controllers.Contains("io"));
        return new()
        {
            Memory = memory,
            Swap = memory && File.Exists("/proc/swaps"), // a kernel without swap has no memory.swap.max either
            Reservation = memory,
            Pids = controllers.Contains("pids"),
            CpuShares = cpu,
            CpuCfs = cpu,
            Cpuset = controllers.Contains("cpuset"),
            BlkioWeight = io,
            BlkioWeightDevice = io,
            BlkioReadBps = io,
            BlkioWriteBps = io,
            BlkioReadIops = io,
            BlkioWriteIops = io,
        };
    }

    private static LimitSupport OfLegacy(Func<string, bool> has, CgroupMounts mounts) => new()
    {
        Memory = mounts.Find("memory") is not null,
        Swap = has("memory.memsw.limit_in_bytes"),
        Reservation = has("memory.soft_limit_in_bytes"),
        Swappiness = has("memory.swappiness"),
        OomKillDisable = has("memory.oom_control"),
        Pids = mounts.Find("pids") is not null,
        CpuShares = has("cpu.shares"),
        CpuCfs = has("cpu.cfs_quota_us"),
        CpuRealtime = has("cpu.rt_runtime_us"),
        Cpuset = mounts.Find("cpuset") is not null,
        BlkioWeight = has("blkio.weight"),
        BlkioWeightDevice = has("blkio.weight_device"),
        BlkioReadBps = has("blkio.throttle.read_bps_device"),
        BlkioWriteBps = has("blkio.throttle.write_bps_device"),
        BlkioReadIops = has("blkio.throttle.read_iops_device"),
        BlkioWriteIops = has("blkio.throttle.write_iops_device"),
    };

    /// <summary>What <c>info</c> warns of.</summary>
    /// <remarks>Source: moby daemon/info_unix.go.</remarks>
    internal IEnumerable<string> Missing(CgroupLayout layout)
    {
        var unified = layout == CgroupLayout.V2;
        (bool Has, string What)[] limits =
        [
            (Memory, "memory limit"), (Swap, "swap limit"), (OomKillDisable || unified, "oom kill disable"),
            (CpuCfs, "cpu cfs quota"), (CpuCfs, "cpu cfs period"), (CpuShares, "cpu shares"), (Cpuset, "cpuset"),
            (BlkioWeight, unified ? "io.weight" : "blkio weight"),
            (BlkioWeightDevice, unified ? "io.weight (per device)" : "blkio weight_device"),
            (BlkioReadBps, unified ? "io.max (rbps)" : "blkio throttle.read_bps_device"),
            (BlkioWriteBps, unified ? "io.max (wbps)" : "blkio throttle.write_bps_device"),
            (BlkioReadIops, unified ? "io.max (riops)" : "blkio throttle.read_iops_device"),
            (BlkioWriteIops, unified ? "io.max (wiops)" : "blkio throttle.write_iops_device"),
        ];
        return limits.Where(static limit => !limit.Has).Select(static limit => $"WARNING: No {limit.What} support");
    }
}
