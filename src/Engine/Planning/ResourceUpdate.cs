using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>What an update makes of a container's host configuration. Zero, empty and null mean unchanged. Pure.</summary>
/// <remarks>Source: moby container/container_unix.go UpdateContainer; daemon/update_linux.go toContainerdResources.</remarks>
public static class ResourceUpdate
{
    private static readonly RestartPolicy s_noPolicy = new() { Name = "no", MaximumRetryCount = 0 };

    /// <summary>Refuses what a container keeps for life: Docker drops it without a word.</summary>
    /// <exception cref="GantryException">Invalid: names the members.</exception>
    public static void CheckMembers(HostConfig change)
    {
        ArgumentNullException.ThrowIfNull(change);
        (string Name, bool Given)[] fixedMembers =
        [
            ("CgroupParent", !string.IsNullOrEmpty(change.CgroupParent)),
            ("BlkioWeightDevice", change.BlkioWeightDevice is { Count: > 0 }),
            ("BlkioDeviceReadBps", change.BlkioDeviceReadBps is { Count: > 0 }),
            ("BlkioDeviceWriteBps", change.BlkioDeviceWriteBps is { Count: > 0 }),
            ("BlkioDeviceReadIOps", change.BlkioDeviceReadIOps is { Count: > 0 }),
            ("BlkioDeviceWriteIOps", change.BlkioDeviceWriteIOps is { Count: > 0 }),
            ("Devices", change.Devices is { Count: > 0 }),
            ("DeviceCgroupRules", change.DeviceCgroupRules is { Count: > 0 }),
            ("DeviceRequests", change.DeviceRequests is { Count: > 0 }),
            ("MemorySwappiness", change.MemorySwappiness is not null and not 0 and not -1),
            ("OomKillDisable", change.OomKillDisable == true),
            ("Init", change.Init == true),
            ("Ulimits", change.Ulimits is { Count: > 0 }),
        ];
        var given = fixedMembers.Where(member => member.Given).Select(member => member.Name).ToList();
        if (given.Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, $"{string.Join(", ", given)} cannot be changed in a container that exists: remove it and create it again with other values");
    }

    /// <summary>Why a change does not go with what the container has, in Docker's words; null: it does.</summary>
    public static string? Conflict(HostConfig current, HostConfig change)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(change);
        return true switch
        {
            _ when change.NanoCpus is > 0 && current.CpuPeriod is > 0 => "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set",
            _ when change.NanoCpus is > 0 && current.CpuQuota is > 0 => "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set",
            _ when change.CpuPeriod is > 0 && current.NanoCpus is > 0 => "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
            _ when change.CpuQuota is > 0 && current.NanoCpus is > 0 => "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
            // NOTE: also where there is no swap limit (0), or none is wanted (-1): clients that know Docker set both.
            _ when change.Memory is > 0 && change.MemorySwap is (null or 0) && change.Memory > (current.MemorySwap ?? 0) =>
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
            _ when current.AutoRemove == true && change.RestartPolicy?.Name is { Length: > 0 } and not "no" => "Restart policy cannot be updated because AutoRemove is enabled for the container",
            _ => null,
        };
    }

    /// <summary>The configuration after the change.</summary>
    public static HostConfig Merge(HostConfig current, HostConfig change)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(change);
        return current with
        {
            BlkioWeight = Other(change.BlkioWeight, current.BlkioWeight),
            CpuShares = Other(change.CpuShares, current.CpuShares),
            NanoCpus = Other(change.NanoCpus, current.NanoCpus),
            CpuPeriod = Other(change.CpuPeriod, current.CpuPeriod),
            CpuQuota = Other(change.CpuQuota, current.CpuQuota),
            CpuRealtimePeriod = Other(change.CpuRealtimePeriod, current.CpuRealtimePeriod),
            CpuRealtimeRuntime = Other(change.CpuRealtimeRuntime, current.CpuRealtimeRuntime),
            CpusetCpus = Other(change.CpusetCpus, current.CpusetCpus),
            CpusetMems = Other(change.CpusetMems, current.CpusetMems),
            Memory = Other(change.Memory, current.Memory),
            MemorySwap = Other(change.MemorySwap, current.MemorySwap),
            MemoryReservation = Other(change.MemoryReservation, current.MemoryReservation),
            // Everything that is not a limit is kept as zero. Source: moby postContainerUpdate.
            PidsLimit = change.PidsLimit is { } pids ? Math.Max(pids, 0) : current.PidsLimit,
            RestartPolicy = change.RestartPolicy?.Name switch
            {
                null or "" => current.RestartPolicy,
                "no" => s_noPolicy,
                _ => change.RestartPolicy,
            },
        };
    }

    /// <summary>What the kernel is to be told; null: nothing.</summary>
    /// <param name="merged">The configuration after the change: memory and swap are one pair to the kernel.</param>
    /// <param name="change">What was asked.</param>
    /// <param name="countsSwap">Whether this host limits swap at all.</param>
    public static LinuxResources? Limits(HostConfig merged, HostConfig change, bool countsSwap)
    {
        ArgumentNullException.ThrowIfNull(merged);
        ArgumentNullException.ThrowIfNull(change);
        var memory = change.Memory is not null and not 0 || change.MemorySwap is not null and not 0;
        var limits = ResourcePlan.Limits(change with
        {
            Memory = memory ? merged.Memory : null,
            MemorySwap = memory ? merged.MemorySwap : null,
            MemorySwappiness = null,
            OomKillDisable = null,
        });
        // A limit of swap is taken away by saying so; at a start it is enough to say nothing.
        if (change.MemorySwap is < 0 && countsSwap)
            limits = limits with { Memory = (limits.Memory ?? new LinuxMemory()) with { Swap = -1 } };
        return limits == new LinuxResources() ? null : limits;
    }

    private static long? Other(long? change, long? current) => change is null or 0 ? current : change;

    private static string? Other(string? change, string? current) => string.IsNullOrEmpty(change) ? current : change;
}
