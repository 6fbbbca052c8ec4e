using System.Globalization;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Cgroups;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Cgroups.V1;

namespace Gantry.Runtime.Cgroups.V2;

/// <summary>Writes limits into a version 2 directory, turned from the words of version 1, in which the spec has them.</summary>
internal static class UnifiedLimits
{
    public static void Apply(string directory, LinuxResources resources)
    {
        Memory(directory, resources.Memory);
        Cpu(directory, resources.Cpu);
        if (resources.Pids?.Limit is { } pids and not 0)
            ControlFile.Write(directory, "pids.max", Max(pids));
        BlockIo(directory, resources.BlockIO);
        foreach (var limit in resources.HugepageLimits ?? [])
        {
            var size = LegacyLimits.PageSize(limit.PageSize);
            ControlFile.Write(directory, $"hugetlb.{size}.max", limit.Limit);
            if (File.Exists($"{directory}/hugetlb.{size}.rsvd.max"))
                ControlFile.Write(directory, $"hugetlb.{size}.rsvd.max", limit.Limit);
        }

        foreach (var (device, limits) in resources.Rdma ?? new Dictionary<string, LinuxRdma>())
            ControlFile.Write(directory, "rdma.max", LegacyLimits.RdmaLine(device, limits));
        if (resources.Network is { ClassID: not null } or { Priorities.Count: > 0 })
            throw Unsupported("resources.network", "mark packets with nftables");
        foreach (var (file, value) in resources.Unified ?? new Dictionary<string, string>())
            Raw(directory, file, value);
        if (resources.Devices is { Count: > 0 } devices)
            Devices(directory, DeviceRules.Of(devices));
    }

    /// <summary>cpu.weight (1 to 10000, 100 is plain) from cpu.shares (2 to 262144, 1024 is plain).</summary>
    /// <remarks>The curve through (2, 1), (1024, 100), (262144, 10000) that runc and crun use: 10^(l²+125l)/612 − 7/34, l = log₂ shares.</remarks>
    public static ulong Weight(ulong shares)
    {
        if (shares <= 2)
            return 1;
        if (shares >= 262_144)
            return 10_000;
        var l = Math.Log2(shares);
        return (ulong)Math.Ceiling(Math.Pow(10, (((l * l) + (125 * l)) / 612.0) - (7.0 / 34.0)));
    }

    /// <summary>memory.swap.max, which counts swap alone, from a limit of memory and swap together; null leaves it.</summary>
    /// <exception cref="GantryException">Invalid: swap cannot be told from memory.</exception>
    public static string? SwapAlone(long? memoryAndSwap, long? memory)
    {
        switch (memoryAndSwap)
        {
            case null or 0:
                return null;
            case < 0:
                return "max";
            default:
                if (memory is null or <= 0)
                    throw GantryException.Of(ErrorKind.Invalid, "a limit of memory and swap needs a memory limit in cgroup version 2: set the memory limit, too");
                if (memoryAndSwap < memory)
                    throw GantryException.Of(ErrorKind.Invalid, $"the limit of memory and swap ({memoryAndSwap} bytes) is below the memory limit ({memory} bytes)");
                return (memoryAndSwap.Value - memory.Value).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static void Memory(string directory, LinuxMemory? memory)
    {
        if (memory is null)
            return;
        if (memory.Swappiness is not null)
            throw Unsupported("memory.swappiness", "leave it out");
        if (memory.DisableOOMKiller == true)
            throw Unsupported("memory.disableOOMKiller", "leave it out");
        if (memory.KernelTCP is > 0)
            throw Unsupported("memory.kernelTCP", "it counts as memory there; leave it out");
        if (memory.CheckBeforeUpdate == true && memory.Limit is > 0 && long.TryParse(ControlFile.Read(directory, "memory.current"), NumberStyles.None, CultureInfo.InvariantCulture, out var used) && used > memory.Limit)
            throw GantryException.Of(ErrorKind.Conflict, $"cannot set the memory limit to {memory.Limit} bytes: the container uses {used}");
        if (SwapAlone(memory.Swap, memory.Limit) is { } swap)
        {
            var result = Files.TryWriteControl($"{directory}/memory.swap.max", swap);
            // A machine without swap has no such file, and nothing to limit.
            if (result < 0 && !(result == -Errno.ENOENT && File.Exists($"{directory}/memory.max")))
                throw ControlFile.Refused(directory, "memory.swap.max", swap, -result);
        }

        if (memory.Limit is { } limit and not 0)
            ControlFile.Write(directory, "memory.max", Max(limit));
        if (memory.Reservation is { } reservation and not 0)
            ControlFile.Write(directory, "memory.low", Max(reservation));
    }

    private static void Cpu(string directory, LinuxCpu? cpu)
    {
        if (cpu is null)
            return;
        if (cpu.RealtimePeriod is > 0 || cpu.RealtimeRuntime is not null and not 0)
            throw Unsupported("cpu.realtimePeriod and cpu.realtimeRuntime", "leave them out");
        if (cpu.Idle is { } idle)
            ControlFile.Write(directory, "cpu.idle", idle);
        if (cpu.Shares is > 0 and { } shares)
            ControlFile.Write(directory, "cpu.weight", Weight(shares));
        if (cpu.Quota is not null and not 0 || cpu.Period is > 0)
        {
            // "max 100000" when only a period is given; a quota alone keeps the period there is.
            var quota = cpu.Quota is > 0 and { } value ? value.ToString(CultureInfo.InvariantCulture) : "max";
            ControlFile.Write(directory, "cpu.max", cpu.Period is > 0 ? string.Create(CultureInfo.InvariantCulture, $"{quota} {cpu.Period}") : quota);
        }

        if (cpu.Burst is { } burst)
            ControlFile.Write(directory, "cpu.max.burst", burst);
        if (!string.IsNullOrEmpty(cpu.Cpus))
            ControlFile.Write(directory, "cpuset.cpus", cpu.Cpus);
        if (!string.IsNullOrEmpty(cpu.Mems))
            ControlFile.Write(directory, "cpuset.mems", cpu.Mems);
    }

    private static void BlockIo(string directory, LinuxBlockIo? block)
    {
        if (block is null)
            return;
        if (block.LeafWeight is > 0 || block.WeightDevice?.Any(device => device.LeafWeight is > 0) == true)
            throw Unsupported("blockIO.leafWeight", "leave it out");
        if (block.Weight is > 0 and { } weight)
        {
            if (File.Exists($"{directory}/io.bfq.weight"))
                ControlFile.Write(directory, "io.bfq.weight", (ulong)weight);
            else
                ControlFile.Write(directory, "io.weight", $"default {IoWeight(weight)}");
        }

        foreach (var device in block.WeightDevice ?? [])
        {
            if (device.Weight is not > 0)
                continue;
            var bfq = File.Exists($"{directory}/io.bfq.weight");
            ControlFile.Write(directory, bfq ? "io.bfq.weight" : "io.weight", string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor} {(bfq ? device.Weight : IoWeight(device.Weight.Value))}"));
        }

        Throttle("rbps", block.ThrottleReadBpsDevice);
        Throttle("wbps", block.ThrottleWriteBpsDevice);
        Throttle("riops", block.ThrottleReadIOPSDevice);
        Throttle("wiops", block.ThrottleWriteIOPSDevice);

        void Throttle(string key, IReadOnlyList<LinuxThrottleDevice>? limits)
        {
            foreach (var limit in limits ?? [])
                ControlFile.Write(directory, "io.max", string.Create(CultureInfo.InvariantCulture, $"{limit.Major}:{limit.Minor} {key}={(limit.Rate == 0 ? "max" : limit.Rate.ToString(CultureInfo.InvariantCulture))}"));
        }
    }

    /// <summary>io.weight (1 to 10000) from blkio.weight (10 to 1000).</summary>
    private static int IoWeight(int weight) => 1 + ((weight - 10) * 9999 / 990);

    private static void Raw(string directory, string file, string value)
    {
        // The name becomes part of a path: it must be one file of this directory, and one that limits.
        if (file.Length == 0 || file.Contains('/', StringComparison.Ordinal) || !file.Contains('.', StringComparison.Ordinal) || file.StartsWith("cgroup.", StringComparison.Ordinal) || file[0] == '.')
            throw GantryException.Of(ErrorKind.Invalid, $"resources.unified names \"{file}\", which is not a limit like memory.high");
        foreach (var line in value.Split('\n'))
            ControlFile.Write(directory, file, line);
    }

    private static void Devices(string directory, DeviceRules rules)
    {
        var result = DevicePrograms.TryLoad(DeviceProgram.Compile(rules), out var program);
        if (result < 0)
            throw Refused(result);
        using (program)
        using (var cgroup = Files.Open(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY))
        {
            result = DevicePrograms.TryReplace(cgroup, program!);
            if (result < 0)
                throw Refused(result);
        }

        GantryException Refused(int errno) => GantryException.Of(ErrorKind.NotSupported, $"cannot restrict devices of cgroup {directory}: {Errno.Text(-errno)} ({Errno.Name(-errno)}); the kernel needs CONFIG_CGROUP_BPF", new(LaunchStage.Confine, -errno));
    }

    private static string Max(long limit) => limit < 0 ? "max" : limit.ToString(CultureInfo.InvariantCulture);

    private static GantryException Unsupported(string field, string advice) =>
        GantryException.Of(ErrorKind.NotSupported, $"{field} is a limit of cgroup version 1, and this host has version 2: {advice}");
}
