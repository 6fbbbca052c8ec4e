using System.Globalization;
using System.Text.RegularExpressions;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>The limits of a container: what becomes of the host configuration's resource fields.</summary>
/// <remarks>Source: moby daemon/daemon_unix.go and oci_linux.go.</remarks>
public static partial class ResourcePlan
{
    private const ulong NanoCpuPeriodUs = 100_000;

    /// <summary>The limits alone, without device rules: for <c>update</c>, and the larger part of a launch.</summary>
    public static LinuxResources Limits(HostConfig host, IReadOnlyDictionary<string, (long Major, long Minor)>? blockDevices = null) => new()
    {
        Memory = Memory(host),
        Cpu = Cpu(host),
        Pids = host.PidsLimit is { } pids ? new() { Limit = pids <= 0 ? -1 : pids } : null,
        BlockIO = BlockIo(host, blockDevices ?? new Dictionary<string, (long, long)>()),
    };

    /// <summary>Everything, device rules included.</summary>
    internal static LinuxResources Of(PlanInput input) =>
        Limits(input.HostConfig, input.BlockDevices) with { Devices = Devices(input) };

    private static LinuxMemory? Memory(HostConfig host)
    {
        var memory = new LinuxMemory
        {
            Limit = host.Memory is > 0 ? host.Memory : null,
            Reservation = host.MemoryReservation is > 0 ? host.MemoryReservation : null,
            // Twice the memory is Docker's rule for a limit that says nothing of swap; -1 is none, which is the kernel's own default.
            Swap = host.MemorySwap switch
            {
                > 0 => host.MemorySwap,
                null or 0 when host.Memory is > 0 => host.Memory * 2,
                _ => null,
            },
            Swappiness = host.MemorySwappiness is >= 0 and { } swappiness ? (ulong)swappiness : null,
            DisableOOMKiller = host.OomKillDisable == true ? true : null,
        };
        return memory == new LinuxMemory() ? null : memory;
    }

    private static LinuxCpu? Cpu(HostConfig host)
    {
        var cpu = new LinuxCpu
        {
            Shares = host.CpuShares is > 0 and { } shares ? (ulong)shares : null,
            Quota = host.NanoCpus is > 0 and { } nano ? Math.Max(1, nano * (long)NanoCpuPeriodUs / 1_000_000_000) : host.CpuQuota is { } quota and not 0 ? quota : null,
            Period = host.NanoCpus is > 0 ? NanoCpuPeriodUs : host.CpuPeriod is > 0 and { } period ? (ulong)period : null,
            RealtimeRuntime = host.CpuRealtimeRuntime is > 0 ? host.CpuRealtimeRuntime : null,
            RealtimePeriod = host.CpuRealtimePeriod is > 0 and { } rtPeriod ? (ulong)rtPeriod : null,
            Cpus = string.IsNullOrEmpty(host.CpusetCpus) ? null : host.CpusetCpus,
            Mems = string.IsNullOrEmpty(host.CpusetMems) ? null : host.CpusetMems,
        };
        return cpu == new LinuxCpu() ? null : cpu;
    }

    private static LinuxBlockIo? BlockIo(HostConfig host, IReadOnlyDictionary<string, (long Major, long Minor)> devices)
    {
        var block = new LinuxBlockIo
        {
            Weight = host.BlkioWeight is > 0 and { } weight ? (ushort)weight : null,
            WeightDevice = host.BlkioWeightDevice is { Count: > 0 } weights ? [.. weights.Select(device => new LinuxWeightDevice { Major = Number(device.Path).Major, Minor = Number(device.Path).Minor, Weight = (ushort)(device.Weight ?? 0) })] : null,
            ThrottleReadBpsDevice = Throttle(host.BlkioDeviceReadBps),
            ThrottleWriteBpsDevice = Throttle(host.BlkioDeviceWriteBps),
            ThrottleReadIOPSDevice = Throttle(host.BlkioDeviceReadIOps),
            ThrottleWriteIOPSDevice = Throttle(host.BlkioDeviceWriteIOps),
        };
        return block == new LinuxBlockIo() ? null : block;

        List<LinuxThrottleDevice>? Throttle(IReadOnlyList<ThrottleDevice>? limits) =>
            limits is { Count: > 0 } ? [.. limits.Select(limit => new LinuxThrottleDevice { Major = Number(limit.Path).Major, Minor = Number(limit.Path).Minor, Rate = (ulong)(limit.Rate ?? 0) })] : null;

        (long Major, long Minor) Number(string? path) => devices.TryGetValue(path ?? "", out var number)
            ? number
            : throw GantryException.Of(ErrorKind.Invalid, $"device \"{path}\" of a block I/O limit was not found on this host: name a block device as in /dev/sda");
    }

    private static List<LinuxDeviceRule> Devices(PlanInput input)
    {
        if (input.HostConfig.Privileged == true)
            return [new() { Allow = true, Access = "rwm" }];
        var rules = new List<LinuxDeviceRule>
        {
            new() { Allow = false, Access = "rwm" },
            Character(true, 1, 5),
            Character(true, 1, 3),
            Character(true, 1, 9),
            Character(true, 1, 8),
            Character(true, 5, 0),
            Character(true, 5, 1),
            Character(false, 10, 229),
        };
        rules.AddRange(input.DeviceRules);
        rules.AddRange((input.HostConfig.DeviceCgroupRules ?? []).Select(ParseDeviceRule));
        return rules;
    }

    /// <summary>Reads one <c>--device-cgroup-rule</c>: <c>c 10:229 rwm</c>.</summary>
    /// <exception cref="GantryException">Invalid: not of that form.</exception>
    internal static LinuxDeviceRule ParseDeviceRule(string rule)
    {
        var match = DeviceRule().Match(rule);
        if (!match.Success || !Part(match.Groups[2].Value, out var major) || !Part(match.Groups[3].Value, out var minor))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid device cgroup rule format: '{rule}'");
        return new() { Allow = true, Type = match.Groups[1].Value, Major = major, Minor = minor, Access = match.Groups[4].Value };

        static bool Part(string text, out long? number)
        {
            number = null;
            if (text == "*")
                return true;
            var fits = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
            number = value;
            return fits;
        }
    }

    private static LinuxDeviceRule Character(bool allow, long major, long minor) =>
        new() { Allow = allow, Type = "c", Major = major, Minor = minor, Access = "rwm" };

    [GeneratedRegex(@"^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})\z")]
    private static partial Regex DeviceRule();
}
