using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;
using Gantry.Runtime.Namespaces;
using Gantry.Runtime.Rootfs;

namespace Gantry.Runtime.Init;

/// <summary>
/// What the program of a container's init is compiled from: the config, what was looked up on the host, and the numbers of
/// descriptors opened for the child. Data only, so that compiling is pure.
/// </summary>
internal sealed record LaunchInput
{
    public required string Id { get; init; }

    public required RuntimeConfig Config { get; init; }

    public required RuntimeProcess Process { get; init; }

    public required NamespacePlan Namespaces { get; init; }

    /// <summary>The root filesystem's directory on the host, absolute.</summary>
    public required string RootfsPath { get; init; }

    public IReadOnlyList<RootfsMount> RootfsMounts { get; init; } = [];

    /// <summary>The child's end of the channel.</summary>
    public required int Sync { get; init; }

    /// <summary>Sources of descriptors 0, 1, 2; ignored with a terminal.</summary>
    public required IReadOnlyList<int> Stdio { get; init; }

    /// <summary>Namespaces that the child joins by itself.</summary>
    public IReadOnlyList<(int Descriptor, uint Flag)> Joins { get; init; } = [];

    /// <summary>Files that take "0", open.</summary>
    public IReadOnlyList<int> CgroupFiles { get; init; } = [];

    /// <summary>Bind mounts, opened as detached trees with their attributes set, by index in the config's mounts.</summary>
    public IReadOnlyDictionary<int, OpenedMount> Mounts { get; init; } = new Dictionary<int, OpenedMount>();

    /// <summary>Device nodes of the host as detached trees, by path, where nodes cannot be made (user namespaces).</summary>
    public IReadOnlyDictionary<string, int> DeviceMounts { get; init; } = new Dictionary<string, int>();

    /// <summary>The root filesystem as a detached tree; null: the child mounts it by path.</summary>
    public int? RootfsTree { get; init; }

    /// <summary>The mount that holds the root filesystem, when it must be made private for pivot_root; null otherwise.</summary>
    public string? ParentMount { get; init; }

    /// <summary>What to show below a mount of type cgroup.</summary>
    public IReadOnlyList<CgroupView> Cgroups { get; init; } = [];

    /// <summary>A terminal of the host for containers without a devpts of their own; null: the container's.</summary>
    public int? HostTerminal { get; init; }

    /// <summary>Where init waits; null: on the channel.</summary>
    public int? Gate { get; init; }

    /// <summary>Where init reports after the gate; null: on the channel.</summary>
    public int? Result { get; init; }

    public bool NoPivot { get; init; }

    public bool NoNewKeyring { get; init; }

    public int PreserveFds { get; init; }

    public SeccompFilter? Seccomp { get; init; }

    public CapabilitySets Capabilities { get; init; } = new();

    /// <summary>Paths below /proc/sys and their values.</summary>
    public IReadOnlyList<(string Path, string Value)> Sysctls { get; init; } = [];

    /// <summary>Whether the kernel has /proc/kcore, which /dev/core is a link to.</summary>
    public bool HasKernelCore { get; init; }

    /// <summary>Whether the user namespace allows setgroups(2).</summary>
    public bool CanSetGroups { get; init; } = true;

    /// <summary>Whether the process's standard streams belong to the user who reads them (not so for /dev/null).</summary>
    public IReadOnlyList<bool> OwnsStdio { get; init; } = [false, false, false];

    /// <summary>The highest capability number of this kernel.</summary>
    public int LastCapability { get; init; } = 40;

    public bool UserNamespace => Namespaces.IsOwn(Kernel.Sys.Namespaces.CLONE_NEWUSER);
}
