using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>Everything the plan of one launch is made of. No I/O happens after it: what had to be looked up is in here.</summary>
public sealed record PlanInput
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The container's configuration, already merged with its image's.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>The host configuration, already completed (<see cref="SpecDefaults.Complete"/>).</summary>
    public required HostConfig HostConfig { get; init; }

    public required HostFacts Facts { get; init; }

    /// <summary>The user, looked up in the container's root file system.</summary>
    public ResolvedUser User { get; init; } = ResolvedUser.Root;

    /// <summary>The container's root file system: <c>rootfs</c> in the bundle.</summary>
    public string RootfsPath { get; init; } = "rootfs";

    /// <summary>Volumes, binds and tmpfs mounts.</summary>
    public IReadOnlyList<PlanMount> Mounts { get; init; } = [];

    /// <summary>Host files bound over <c>/etc/resolv.conf</c>, <c>/etc/hostname</c> and <c>/etc/hosts</c>; null leaves the image's own.</summary>
    public string? ResolvConfPath { get; init; }

    public string? HostnamePath { get; init; }

    public string? HostsPath { get; init; }

    /// <summary>A network namespace to join: the one the network room made, or <c>/proc/PID/ns/net</c> of another container. Null: a new, empty one, unless the mode is <c>host</c>.</summary>
    public string? NetworkNamespacePath { get; init; }

    /// <summary>Whether the container's network has IPv6.</summary>
    public bool HasIPv6 { get; init; }

    /// <summary><c>/proc/PID/ns/ipc</c> of the container whose IPC namespace is shared.</summary>
    public string? IpcNamespacePath { get; init; }

    /// <summary><c>/proc/PID/ns/pid</c> of the container whose processes are shared.</summary>
    public string? PidNamespacePath { get; init; }

    /// <summary><c>/proc/PID/ns/user</c> of the container with which any of these is shared, when ids are mapped: they belong to its user namespace.</summary>
    public string? UserNamespacePath { get; init; }

    /// <summary>The host directory with the shared memory of <c>--ipc=shareable</c>, or of the container whose IPC is joined.</summary>
    public string? ShmPath { get; init; }

    /// <summary>Devices asked for by <c>--device</c>, found on the host; with <c>--privileged</c> every device of the host.</summary>
    public IReadOnlyList<LinuxDevice> Devices { get; init; } = [];

    /// <summary>Access rules that go with <see cref="Devices"/>.</summary>
    public IReadOnlyList<LinuxDeviceRule> DeviceRules { get; init; } = [];

    /// <summary>Major and minor number of the host devices that blkio limits name, by path.</summary>
    public IReadOnlyDictionary<string, (long Major, long Minor)> BlockDevices { get; init; } = new Dictionary<string, (long, long)>();

    /// <summary>Limits of the engine's configuration, overridden by name.</summary>
    public IReadOnlyList<HostConfigUlimits> DefaultUlimits { get; init; } = [];

    /// <summary>The cgroup above the containers', from the instance: <c>/gantry</c>.</summary>
    public string CgroupParent { get; init; } = "/gantry";

    /// <summary>The init binary for <c>--init</c> on the host; null when there is none.</summary>
    public string? InitPath { get; init; }

    /// <summary>Whether a container that does not say gets it.</summary>
    public bool InitByDefault { get; init; }

    /// <summary>Variables that tell of linked containers; the container's own win over them.</summary>
    public IReadOnlyList<string> LinkedEnvironment { get; init; } = [];

    /// <summary>The engine's data root: binds that hold it get <c>rslave</c>.</summary>
    public string? DataRoot { get; init; }

    /// <summary>The engine's default for <c>no-new-privileges</c>.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The profile for containers that name none: null is the one built in.</summary>
    public SeccompProfile? SeccompProfile { get; init; }

    /// <summary>Containers that name no profile get none.</summary>
    public bool SeccompUnconfined { get; init; }
}
