using System.Globalization;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Limits that contradict each other, or that this machine cannot have. Those that it cannot keep were taken away before (<see cref="UnkeptLimits"/>).</summary>
/// <remarks>Source: moby daemon/daemon_unix.go, verifyPlatformContainerResources.</remarks>
internal static class ResourceChecks
{
    private const long MinimumMemoryBytes = 6 << 20;

    /// <param name="host">Completed, or a change.</param>
    /// <param name="facts">The machine.</param>
    /// <param name="problems">Gets a sentence for each.</param>
    /// <param name="change">What is missing in it is what the container has.</param>
    public static void Find(HostConfig host, HostFacts facts, List<string> problems, bool change = false)
    {
        Memory(host, problems, change);
        Cpu(host, facts, problems);
        BlockIo(host, problems);
        problems.AddRange((host.Ulimits ?? []).Select(Ulimits.Problem).OfType<string>());
        if (host.OomScoreAdj is < -1000 or > 1000)
            problems.Add($"Invalid value {host.OomScoreAdj}, range for oom score adj is [-1000, 1000]");
        if (host.ShmSize is < 0)
            problems.Add("SHM size can not be less than 0");
        foreach (var device in host.Devices ?? [])
            Device(device, problems);
    }

    private static void Memory(HostConfig host, List<string> problems, bool change)
    {
        if (host.Memory is not null and not 0 and < MinimumMemoryBytes)
            problems.Add("Minimum memory limit allowed is 6MB");
        if (host.Memory is > 0 && host.MemorySwap is > 0 && host.MemorySwap < host.Memory)
            problems.Add("Minimum memoryswap limit should be larger than memory limit, see usage");
        if (!change && host.Memory is null or 0 && host.MemorySwap is > 0)
            problems.Add("You should always set the Memory limit when using Memoryswap limit, see usage");
        if (host.MemorySwappiness is < -1 or > 100)
            problems.Add($"Invalid value: {host.MemorySwappiness}, valid memory swappiness range is 0-100");
        if (host.MemoryReservation is not null and not 0 and < MinimumMemoryBytes)
            problems.Add("Minimum memory reservation allowed is 6MB");
        if (host.Memory is > 0 && host.MemoryReservation is > 0 && host.Memory < host.MemoryReservation)
            problems.Add("Minimum memory limit can not be less than memory reservation limit, see usage");
    }

    private static void Cpu(HostConfig host, HostFacts facts, List<string> problems)
    {
        if (host.NanoCpus is > 0 && host.CpuPeriod is > 0)
            problems.Add("Conflicting options: Nano CPUs and CPU Period cannot both be set");
        if (host.NanoCpus is > 0 && host.CpuQuota is > 0)
            problems.Add("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        if (host.NanoCpus is > 0 && !facts.Limits.CpuCfs)
            problems.Add("NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted");
        if (host.NanoCpus is < 0 || host.NanoCpus > facts.Processors * 1_000_000_000L)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"range of CPUs is from 0.01 to {facts.Processors}.00, as there are only {facts.Processors} CPUs available"));
        if (host.CpuShares is < 0)
            problems.Add($"invalid CPU shares ({host.CpuShares}): value must be a positive integer");
        if (host.CpuPeriod is not null and not 0 and (< 1000 or > 1_000_000))
            problems.Add("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        if (host.CpuQuota is > 0 and < 1000)
            problems.Add("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        Set("CPUs", host.CpusetCpus, facts, problems);
        Set("memory nodes", host.CpusetMems, facts, problems);
        if ((host.CpuRealtimePeriod is > 0 || host.CpuRealtimeRuntime is > 0) && !facts.Limits.CpuRealtime)
            problems.Add("Your kernel does not support CPU real-time scheduler");
        else if (host.CpuRealtimePeriod is > 0 && host.CpuRealtimeRuntime > host.CpuRealtimePeriod)
            problems.Add("cpu real-time runtime cannot be higher than cpu real-time period");
    }

    // Source: moby pkg/parsers.ParseUintListMaximum, called by sysinfo's isCpusetListAvailable.
    private const int MaxSetMember = 8192;

    private static void Set(string what, string? list, HostFacts facts, List<string> problems)
    {
        if (string.IsNullOrEmpty(list))
            return;
        // The whole list is read before it is asked what of it there is.
        var largest = 0;
        foreach (var part in list.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
                problems.Add($"Invalid value {list} for cpuset {(what == "CPUs" ? "cpus" : "mems")}");
            else if (last > MaxSetMember)
                problems.Add($"Invalid value {list} for cpuset {(what == "CPUs" ? "cpus" : "mems")}: value of out range, maximum is {MaxSetMember}");
            else
            {
                largest = Math.Max(largest, last);
                continue;
            }

            return;
        }

        var available = what == "CPUs" ? facts.Processors : facts.MemoryNodes;
        if (largest >= available)
            problems.Add($"Requested {what} are not available - requested {list}, available: {(available == 1 ? "0" : $"0-{available - 1}")}");
    }

    private static void BlockIo(HostConfig host, List<string> problems)
    {
        if (host.BlkioWeight is not null and not 0 and (< 10 or > 1000))
            problems.Add("Range of blkio weight is from 10 to 1000");
        foreach (var device in host.BlkioWeightDevice ?? [])
        {
            if (device.Weight is null or < 10 or > 1000)
                problems.Add($"Range of blkio weight is from 10 to 1000, and device \"{device.Path}\" has {device.Weight ?? 0}");
        }
    }

    private static void Device(DeviceMapping device, List<string> problems)
    {
        if (string.IsNullOrEmpty(device.PathOnHost) || device.PathOnHost[0] != '/')
            problems.Add($"bad format for path: {device.PathOnHost}");
        if (!string.IsNullOrEmpty(device.PathInContainer) && device.PathInContainer[0] != '/')
            problems.Add($"{device.PathInContainer} is not an absolute path");
        var mode = device.CgroupPermissions ?? "";
        if (mode.Distinct().Count() != mode.Length || mode.Any(letter => letter is not ('r' or 'w' or 'm')))
            problems.Add($"bad mode specified: {mode}");
    }
}
