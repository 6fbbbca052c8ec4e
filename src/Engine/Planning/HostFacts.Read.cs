using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Kernel.Cgroups;

namespace Gantry.Engine.Planning;

public sealed partial record HostFacts
{
    private static readonly string[] _defaultSysctls = ["net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv6.conf.default.disable_ipv6", "net.ipv6.conf.default.accept_ra", "net.ipv6.conf.default.accept_dad"];

    /// <summary>Reads the facts of this machine from /proc and /sys.</summary>
    /// <param name="initPath">The binary for <c>--init</c>, or null.</param>
    public static HostFacts Read(string? initPath = null)
    {
        var mounts = CgroupMounts.Read();
        var status = File.ReadAllLines("/proc/self/status");
        return new()
        {
            AvailableCapabilities = Bounding(status),
            Cgroups = mounts.Layout,
            Limits = LimitSupport.Read(mounts),
            KernelVersion = Version(File.ReadAllText("/proc/sys/kernel/osrelease")),
            Architecture = RuntimeInformation.ProcessArchitecture switch
            {
                System.Runtime.InteropServices.Architecture.X64 => "amd64",
                System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
                var other => other.ToString().ToLowerInvariant(),
            },
            Seccomp = Array.Exists(status, line => line.StartsWith("Seccomp:", StringComparison.Ordinal)),
            Processors = Math.Max(1, Environment.ProcessorCount),
            MemoryNodes = ReadMemoryNodes(),
            Sysctls = _defaultSysctls.Where(name => File.Exists("/proc/sys/" + name.Replace('.', '/'))).ToHashSet(StringComparer.Ordinal),
            ThermalThrottlePaths = ThermalThrottle(),
            Hostname = File.ReadAllText("/proc/sys/kernel/hostname").Trim(),
            Init = initPath is not null,
        };
    }

    private static ulong Bounding(string[] status)
    {
        const string Field = "CapBnd:";
        var line = Array.Find(status, line => line.StartsWith(Field, StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask) ? mask : 0;
    }

    // "0", "0-1", "0,2": the last number is the highest. Source: kernel Documentation/admin-guide/cputopology.rst has the format.
    private static int ReadMemoryNodes()
    {
        const string Online = "/sys/devices/system/node/online";
        var last = File.Exists(Online) ? File.ReadAllText(Online).Trim().Split('-', ',')[^1] : "";
        return int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var node) ? node + 1 : 1;
    }

    // "6.18.44-fc" and "6.1.0-41-amd64" begin with the two numbers that count.
    private static Version Version(string release)
    {
        var parts = release.Split('.', '-', '\n');
        return parts.Length > 1 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new(major, minor)
            : new(0, 0);
    }

    private static List<string> ThermalThrottle()
    {
        const string Cpus = "/sys/devices/system/cpu";
        if (!Directory.Exists(Cpus))
            return [];
        return
        [
            .. Directory.GetDirectories(Cpus, "cpu*")
                .Where(path => int.TryParse(Path.GetFileName(path).AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Select(path => path + "/thermal_throttle")
                .Where(Directory.Exists)
                .Order(StringComparer.Ordinal),
        ];
    }
}
