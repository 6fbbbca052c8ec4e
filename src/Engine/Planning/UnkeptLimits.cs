using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Takes limits away that this host cannot keep, and says so: the container runs without them, as at Docker. Pure.</summary>
/// <remarks>Source: moby daemon/daemon_unix.go verifyPlatformContainerResources, whose sentences and order these are.</remarks>
public static class UnkeptLimits
{
    /// <summary>The host configuration without what cannot be kept.</summary>
    /// <param name="host">As a client sent it.</param>
    /// <param name="limits">What can be kept.</param>
    /// <param name="warnings">A sentence for each limit that was taken away is added.</param>
    public static HostConfig Drop(HostConfig host, LimitSupport limits, ICollection<string> warnings)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(warnings);
        host = Memory(host with { MemorySwappiness = host.MemorySwappiness is -1 ? null : host.MemorySwappiness }, limits, warnings);
        host = Cpu(host, limits, warnings);
        return BlockIo(host, limits, warnings);
    }

    private static HostConfig Memory(HostConfig host, LimitSupport limits, ICollection<string> warnings)
    {
        if (host.Memory is > 0 && Lacks(limits.Memory, "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.", warnings))
            host = host with { Memory = 0, MemorySwap = -1 };
        if (host.Memory is > 0 && host.MemorySwap is not -1 && Lacks(limits.Swap, "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.", warnings))
            host = host with { MemorySwap = -1 };
        if (host.MemorySwappiness is not null && Lacks(limits.Swappiness, "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.", warnings))
            host = host with { MemorySwappiness = null };
        if (host.MemoryReservation is > 0 && Lacks(limits.Reservation, "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.", warnings))
            host = host with { MemoryReservation = 0 };
        // Nobody is warned of what he did not want.
        if (host.OomKillDisable == true && Lacks(limits.OomKillDisable, "Your kernel does not support OomKillDisable. OomKillDisable discarded.", warnings))
            host = host with { OomKillDisable = null };
        if (host.PidsLimit is > 0 && Lacks(limits.Pids, "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.", warnings))
            host = host with { PidsLimit = null };
        return host;
    }

    private static HostConfig Cpu(HostConfig host, LimitSupport limits, ICollection<string> warnings)
    {
        if (host.CpuShares is > 0 && Lacks(limits.CpuShares, "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.", warnings))
            host = host with { CpuShares = 0 };
        if ((host.CpuPeriod ?? 0) != 0 || (host.CpuQuota ?? 0) != 0)
        {
            if (Lacks(limits.CpuCfs, "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.", warnings))
                host = host with { CpuPeriod = 0, CpuQuota = 0 };
        }
        if (!(string.IsNullOrEmpty(host.CpusetCpus) && string.IsNullOrEmpty(host.CpusetMems)))
        {
            if (Lacks(limits.Cpuset, "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.", warnings))
                host = host with { CpusetCpus = "", CpusetMems = "" };
        }
        return host;
    }

    private static HostConfig BlockIo(HostConfig host, LimitSupport limits, ICollection<string> warnings)
    {
        if (host.BlkioWeight is > 0 && Lacks(limits.BlkioWeight, "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.", warnings))
            host = host with { BlkioWeight = 0 };
        if (host.BlkioWeightDevice is { Count: > 0 } && Lacks(limits.BlkioWeightDevice, "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.", warnings))
            host = host with { BlkioWeightDevice = [] };
        if (host.BlkioDeviceReadBps is { Count: > 0 } && Lacks(limits.BlkioReadBps, "Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded.", warnings))
            host = host with { BlkioDeviceReadBps = [] };
        if (host.BlkioDeviceWriteBps is { Count: > 0 } && Lacks(limits.BlkioWriteBps, "Your kernel does not support BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit discarded.", warnings))
            host = host with { BlkioDeviceWriteBps = [] };
        if (host.BlkioDeviceReadIOps is { Count: > 0 } && Lacks(limits.BlkioReadIops, "Your kernel does not support IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit discarded.", warnings))
            host = host with { BlkioDeviceReadIOps = [] };
        if (host.BlkioDeviceWriteIOps is { Count: > 0 } && Lacks(limits.BlkioWriteIops, "Your kernel does not support IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded.", warnings))
            host = host with { BlkioDeviceWriteIOps = [] };
        return host;
    }

    private static bool Lacks(bool supported, string sentence, ICollection<string> warnings)
    {
        if (!supported)
            warnings.Add(sentence);
        return !supported;
    }
}
