using Gantry.Model.Oci;

namespace Gantry.Tests.System.Runtime.Machine;

/// <summary>The containers that run in the virtual machine, by name.</summary>
internal static class MachineBundles
{
    private const long MiB = 1 << 20;

    public static IReadOnlyDictionary<string, RuntimeConfig> All { get; } = new Dictionary<string, RuntimeConfig>
    {
        ["limits"] = Sleeper("limits", new LinuxResources
        {
            Memory = new LinuxMemory { Limit = 64 * MiB, Swap = 96 * MiB, Reservation = 32 * MiB },
            Cpu = new LinuxCpu { Shares = 512, Quota = 50_000, Period = 100_000, Burst = 10_000, Cpus = "1", Mems = "0" },
            Pids = new LinuxPids { Limit = 40 },
            BlockIO = new LinuxBlockIo
            {
                Weight = 500,
                ThrottleReadBpsDevice = [new LinuxThrottleDevice { Major = 1, Minor = 0, Rate = 1 << 20 }],
                ThrottleWriteIOPSDevice = [new LinuxThrottleDevice { Major = 1, Minor = 0, Rate = 50 }],
            },
            HugepageLimits = [new LinuxHugepageLimit { PageSize = "2MB", Limit = 4 << 20 }],
            Unified = new Dictionary<string, string> { ["memory.high"] = "62914560" },
            Devices = [new LinuxDeviceRule { Allow = false, Access = "rwm" }, new LinuxDeviceRule { Allow = true, Type = "b", Major = 1, Minor = 0, Access = "r" }],
        }),
        ["idle"] = Sleeper("idle", new LinuxResources { Cpu = new LinuxCpu { Idle = 1 }, Memory = new LinuxMemory { Limit = 64 * MiB, Swap = -1 } }),
        ["deep"] = Sleeper("deep", new LinuxResources { Pids = new LinuxPids { Limit = 7 } }, "/a/b/c"),
        ["forks"] = Shell("forks", "sleep 5 & sleep 5 & sleep 5 & sleep 5 & sleep 5 & sleep 5 & wait", new LinuxResources { Pids = new LinuxPids { Limit = 4 } }),
        ["oom"] = Shell("oom", "exec dd if=/dev/zero of=/dev/null bs=64M count=1", new LinuxResources { Memory = new LinuxMemory { Limit = 16 * MiB, Swap = 16 * MiB } }),
        ["raw"] = Sleeper("raw", new LinuxResources { Unified = new Dictionary<string, string> { ["../memory.max"] = "1" } }),
        ["swappiness"] = Sleeper("swappiness", new LinuxResources { Memory = new LinuxMemory { Swappiness = 10 } }),
        ["swap"] = Sleeper("swap", new LinuxResources { Memory = new LinuxMemory { Swap = 96 * MiB } }),
    };

    private static RuntimeConfig Sleeper(string name, LinuxResources resources, string? cgroup = null) => Shell(name, "exec sleep 600", resources, cgroup);

    private static RuntimeConfig Shell(string name, string script, LinuxResources resources, string? cgroup = null)
    {
        var config = Bundle.Shell(script);
        return config with
        {
            Root = new RuntimeRoot { Path = "/rootfs" },
            Linux = config.Linux! with { CgroupsPath = cgroup ?? "/test/" + name, Resources = resources },
        };
    }
}
