using Gantry.Engine.Runtimes;
using Gantry.Kernel.Cgroups;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>What the planner must know of the machine. Read once when the engine starts.</summary>
public sealed partial record HostFacts
{
    /// <summary>The capabilities in the engine's own bounding set: nothing beyond can be given to a container.</summary>
    public ulong AvailableCapabilities { get; init; } = (1UL << 41) - 1;

    public CgroupLayout Cgroups { get; init; } = CgroupLayout.V2;

    /// <summary>Which limits can be kept.</summary>
    public LimitSupport Limits { get; init; } = new();

    /// <summary>The kernel's version, major and minor.</summary>
    public Version KernelVersion { get; init; } = new(6, 1);

    /// <summary>The machine in Go's words, as seccomp profiles name it: <c>amd64</c>, <c>arm64</c>.</summary>
    public string Architecture { get; init; } = "amd64";

    /// <summary>Whether the kernel filters system calls.</summary>
    public bool Seccomp { get; init; } = true;

    /// <summary>Processors, for the check of <c>--cpus</c>.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>Memory nodes, for the check of <c>--cpuset-mems</c>: one more than the highest that is online.</summary>
    public int MemoryNodes { get; init; } = 1;

    /// <summary>Paths under <c>/proc/sys</c> that exist, of those the planner sets by default, with dots.</summary>
    public IReadOnlySet<string> Sysctls { get; init; } = new HashSet<string>(StringComparer.Ordinal) { "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv6.conf.default.disable_ipv6", "net.ipv6.conf.default.accept_ra", "net.ipv6.conf.default.accept_dad" };

    /// <summary><c>/sys/devices/system/cpu/cpuN/thermal_throttle</c> where it exists.</summary>
    public IReadOnlyList<string> ThermalThrottlePaths { get; init; } = [];

    /// <summary>The host's own name, which containers on the host's network or UTS namespace show.</summary>
    public string Hostname { get; init; } = "localhost";

    /// <summary>The OCI runtimes besides our own, by name.</summary>
    public IReadOnlyDictionary<string, RuntimeChoice> Runtimes { get; init; } = new Dictionary<string, RuntimeChoice>();

    /// <summary>Whether GPUs are specified as CDI devices.</summary>
    public bool Gpus { get; init; }

    /// <summary>Whether a binary for <c>--init</c> is at hand.</summary>
    public bool Init { get; init; }

    /// <summary>The host's ids of containers' users (<c>--userns-remap</c>); null: they are the host's own.</summary>
    public IdMap? Remap { get; init; }

    /// <summary>Whether the data root's file system can limit the size of a container's own files (<c>--storage-opt size</c>).</summary>
    public bool LimitsSizes { get; init; }

    /// <summary>mount_setattr with AT_RECURSIVE: read-only binds that include what is mounted below.</summary>
    public bool RecursiveReadOnly => KernelVersion >= new Version(5, 12);
}
