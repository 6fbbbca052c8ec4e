using System.Globalization;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Cgroups.V1;

/// <summary>Writes limits into version 1 hierarchies. Only what is asked for is written.</summary>
internal static class LegacyLimits
{
    /// <param name="cgroup">Whose.</param>
    /// <param name="resources">What is asked.</param>
    /// <param name="fresh">The cgroup was just made: nothing in it has to be compared with what was set before.</param>
    public static void Apply(LegacyCgroup cgroup, LinuxResources resources, bool fresh)
    {
        if (resources.Unified is { Count: > 0 })
            throw GantryException.Of(ErrorKind.NotSupported, "resources.unified needs cgroup version 2, and this host has version 1: use the memory, cpu and pids fields instead");
        if (resources.Devices is { Count: > 0 } devices)
            Devices(Need(cgroup, "devices", "device access"), DeviceRules.Of(devices));
        if (resources.Memory is { } memory)
            Memory(cgroup, memory, fresh);
        if (resources.Cpu is { } cpu)
            Cpu(cgroup, cpu);
        if (resources.Pids?.Limit is { } pids and not 0)
            ControlFile.Write(Need(cgroup, "pids", "the number of processes"), "pids.max", pids < 0 ? "max" : pids.ToString(CultureInfo.InvariantCulture));
        if (resources.BlockIO is { } block)
            BlockIo(cgroup, block);
        foreach (var limit in resources.HugepageLimits ?? [])
            Hugepages(Need(cgroup, "hugetlb", "huge pages"), limit);
        if (resources.Network is { } network)
            Network(cgroup, network);
        foreach (var (device, limits) in resources.Rdma ?? new Dictionary<string, LinuxRdma>())
            ControlFile.Write(Need(cgroup, "rdma", "RDMA"), "rdma.max", RdmaLine(device, limits));
    }

    /// <summary>A line of rdma.max, the same in both generations.</summary>
    public static string RdmaLine(string device, LinuxRdma limits) =>
        device + (limits.HcaHandles is { } handles ? string.Create(CultureInfo.InvariantCulture, $" hca_handle={handles}") : "")
               + (limits.HcaObjects is { } objects ? string.Create(CultureInfo.InvariantCulture, $" hca_object={objects}") : "");

    private static string Need(LegacyCgroup cgroup, string controller, string what) => cgroup.Find(controller)
        ?? throw GantryException.Of(ErrorKind.NotSupported, $"cannot limit {what}: no cgroup hierarchy has the \"{controller}\" controller; leave that limit out or mount it");

    private static void Devices(string directory, DeviceRules rules)
    {
        if (!rules.AllowByDefault && rules.Exceptions.FirstOrDefault(rule => !rule.Allow) is { } denied)
            throw GantryException.Of(ErrorKind.NotSupported, $"cgroup version 1 cannot deny \"{denied}\" after a wider rule allowed it: allow single devices instead");

        // "a" drops every exception there was.
        ControlFile.Write(directory, rules.AllowByDefault ? "devices.allow" : "devices.deny", "a");
        if (rules.Exceptions.Count == 0)
            return;
        var file = rules.AllowByDefault ? "devices.deny" : "devices.allow";
        using var fd = Files.Open($"{directory}/{file}", OpenFlags.O_WRONLY);
        foreach (var rule in rules.Exceptions.Where(rule => rule.Allow != rules.AllowByDefault))
        {
            var text = rule.ToString();
            var result = Files.TryWrite(fd, Encoding.ASCII.GetBytes(text));
            // Below a cgroup that lacks the device itself (a nested engine), what nobody asked for may be missing.
            if (result < 0 && !(rule.Optional && result == -Errno.EPERM))
                throw ControlFile.Refused(directory, file, text, -result);
        }
    }

    private static void Memory(LegacyCgroup cgroup, LinuxMemory memory, bool fresh)
    {
        if (memory is { Limit: null, Reservation: null, Swap: null, KernelTCP: null, Swappiness: null, DisableOOMKiller: null or false })
            return;
        var directory = Need(cgroup, "memory", "memory");
        if (memory.CheckBeforeUpdate == true && memory.Limit is > 0 and { } wanted && long.TryParse(ControlFile.Read(directory, "memory.usage_in_bytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var used) && used > wanted)
            throw GantryException.Of(ErrorKind.Conflict, $"cannot set the memory limit to {wanted} bytes: the container uses {used}");

        // Memory may never exceed memory and swap: when both grow, swap goes first.
        var swapFirst = !fresh && memory is { Limit: not null, Swap: not null }
            && (memory.Swap == -1 || (long.TryParse(ControlFile.Read(directory, "memory.limit_in_bytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var current) && memory.Swap > current));
        if (swapFirst)
            Write("memory.memsw.limit_in_bytes", memory.Swap);
        Write("memory.limit_in_bytes", memory.Limit);
        if (!swapFirst)
            Write("memory.memsw.limit_in_bytes", memory.Swap);
        Write("memory.soft_limit_in_bytes", memory.Reservation);
        Write("memory.kmem.tcp.limit_in_bytes", memory.KernelTCP);
        if (memory.Swappiness is { } swappiness)
            ControlFile.Write(directory, "memory.swappiness", swappiness);
        if (memory.DisableOOMKiller is { } disabled && (disabled || !fresh))
            ControlFile.Write(directory, "memory.oom_control", disabled ? 1L : 0L);

        void Write(string file, long? value)
        {
            if (value is null or 0)
                return;
            var result = Files.TryWriteControl($"{directory}/{file}", value.Value.ToString(CultureInfo.InvariantCulture));
            if (result == -Errno.ENOENT && file.Contains("memsw", StringComparison.Ordinal))
                throw GantryException.Of(ErrorKind.NotSupported, "cannot limit swap: this kernel does not count it; boot with swapaccount=1 or leave the swap limit out");
            if (result == -Errno.EBUSY)
                throw GantryException.Of(ErrorKind.Conflict, $"cannot set {file} to {value}: the container uses {ControlFile.Read(directory, "memory.usage_in_bytes")} bytes (peak {ControlFile.Read(directory, "memory.max_usage_in_bytes")})", new(LaunchStage.Confine, Errno.EBUSY));
            if (result < 0)
                throw ControlFile.Refused(directory, file, value.Value.ToString(CultureInfo.InvariantCulture), -result);
        }
    }

    private static void Cpu(LegacyCgroup cgroup, LinuxCpu cpu)
    {
        if (cpu is { Shares: not null } or { Quota: not null } or { Period: not null } or { Burst: not null } or { RealtimePeriod: not null } or { RealtimeRuntime: not null } or { Idle: not null })
        {
            var directory = Need(cgroup, "cpu", "processor time");
            if (cpu.Idle is { } idle)
                ControlFile.Write(directory, "cpu.idle", idle);
            if (cpu.Shares is > 0 and { } shares)
                ControlFile.Write(directory, "cpu.shares", shares);
            Quota(directory, cpu);
            if (cpu.RealtimePeriod is > 0 and { } period)
                ControlFile.Write(directory, "cpu.rt_period_us", period);
            if (cpu.RealtimeRuntime is not null and not 0 and { } runtime)
                ControlFile.Write(directory, "cpu.rt_runtime_us", runtime);
        }

        if (!string.IsNullOrEmpty(cpu.Cpus))
            ControlFile.Write(Need(cgroup, "cpuset", "processors"), "cpuset.cpus", cpu.Cpus);
        if (!string.IsNullOrEmpty(cpu.Mems))
            ControlFile.Write(Need(cgroup, "cpuset", "memory nodes"), "cpuset.mems", cpu.Mems);
    }

    private static void Quota(string directory, LinuxCpu cpu)
    {
        // The kernel checks the pair after each write: with an old quota in place a new period may not fit before the new quota does.
        var periodLast = false;
        if (cpu.Period is > 0 and { } period)
        {
            var result = Files.TryWriteControl($"{directory}/cpu.cfs_period_us", period.ToString(CultureInfo.InvariantCulture));
            periodLast = result == -Errno.EINVAL && cpu.Quota is not null;
            if (result < 0 && !periodLast)
                throw ControlFile.Refused(directory, "cpu.cfs_period_us", period.ToString(CultureInfo.InvariantCulture), -result);
        }

        if (cpu.Quota is not null and not 0 and { } quota)
            ControlFile.Write(directory, "cpu.cfs_quota_us", Math.Max(-1, quota));
        if (periodLast)
            ControlFile.Write(directory, "cpu.cfs_period_us", cpu.Period!.Value);
        if (cpu.Burst is { } burst)
            ControlFile.Write(directory, "cpu.cfs_burst_us", burst);
    }

    private static void BlockIo(LegacyCgroup cgroup, LinuxBlockIo block)
    {
        if (block == new LinuxBlockIo())
            return;
        var directory = Need(cgroup, "blkio", "block I/O");
        if (block.Weight is > 0 and { } weight)
        {
            // With the bfq scheduler the file has its name in it.
            var result = Files.TryWriteControl($"{directory}/blkio.weight", weight.ToString(CultureInfo.InvariantCulture));
            if (result == -Errno.ENOENT)
                ControlFile.Write(directory, "blkio.bfq.weight", (ulong)weight);
            else if (result < 0)
                throw ControlFile.Refused(directory, "blkio.weight", weight.ToString(CultureInfo.InvariantCulture), -result);
        }

        if (block.LeafWeight is > 0 and { } leaf)
            ControlFile.Write(directory, "blkio.leaf_weight", (ulong)leaf);
        foreach (var device in block.WeightDevice ?? [])
        {
            if (device.Weight is { } own)
                ControlFile.Write(directory, File.Exists($"{directory}/blkio.weight_device") ? "blkio.weight_device" : "blkio.bfq.weight_device", Line(device.Major, device.Minor, own));
            if (device.LeafWeight is { } ownLeaf)
                ControlFile.Write(directory, "blkio.leaf_weight_device", Line(device.Major, device.Minor, ownLeaf));
        }

        Throttle("blkio.throttle.read_bps_device", block.ThrottleReadBpsDevice);
        Throttle("blkio.throttle.write_bps_device", block.ThrottleWriteBpsDevice);
        Throttle("blkio.throttle.read_iops_device", block.ThrottleReadIOPSDevice);
        Throttle("blkio.throttle.write_iops_device", block.ThrottleWriteIOPSDevice);

        void Throttle(string file, IReadOnlyList<LinuxThrottleDevice>? limits)
        {
            foreach (var limit in limits ?? [])
                ControlFile.Write(directory, file, Line(limit.Major, limit.Minor, limit.Rate));
        }

        static string Line(long major, long minor, ulong value) => string.Create(CultureInfo.InvariantCulture, $"{major}:{minor} {value}");
    }

    private static void Hugepages(string directory, LinuxHugepageLimit limit)
    {
        ControlFile.Write(directory, $"hugetlb.{PageSize(limit.PageSize)}.limit_in_bytes", limit.Limit);
        // Reserved pages are counted since kernel 5.7.
        if (File.Exists($"{directory}/hugetlb.{limit.PageSize}.rsvd.limit_in_bytes"))
            ControlFile.Write(directory, $"hugetlb.{limit.PageSize}.rsvd.limit_in_bytes", limit.Limit);
    }

    /// <summary>A page size as it stands in file names, checked: it becomes part of a path.</summary>
    public static string PageSize(string size) => size.Length is > 2 and < 16 && size.All(char.IsAsciiLetterOrDigit)
        ? size
        : throw GantryException.Of(ErrorKind.Invalid, $"huge page size \"{size}\" is not one like 2MB");

    private static void Network(LegacyCgroup cgroup, LinuxNetworkResources network)
    {
        if (network.ClassID is { } id)
            ControlFile.Write(Need(cgroup, "net_cls", "the network class"), "net_cls.classid", (ulong)id);
        foreach (var priority in network.Priorities ?? [])
            ControlFile.Write(Need(cgroup, "net_prio", "network priorities"), "net_prio.ifpriomap", string.Create(CultureInfo.InvariantCulture, $"{priority.Name} {priority.Priority}"));
    }
}
