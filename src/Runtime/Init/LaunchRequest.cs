using Gantry.Kernel.Fds;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;

namespace Gantry.Runtime;

/// <summary>Everything <see cref="ContainerLauncher.Create"/> needs. Descriptors stay the caller's.</summary>
public sealed record LaunchRequest
{
    /// <summary>The container's id: names the keyring and appears in the state given to hooks.</summary>
    public required string Id { get; init; }

    public required RuntimeConfig Config { get; init; }

    /// <summary>The bundle's directory, absolute; relative paths of the config start here.</summary>
    public required string BundlePath { get; init; }

    /// <summary>
    /// Mounts that make the root filesystem, done by the child in its own mount namespace at <c>root.path</c>, in order.
    /// Empty: <c>root.path</c> is there already.
    /// </summary>
    public IReadOnlyList<RootfsMount> RootfsMounts { get; init; } = [];

    /// <summary>Unused when the process has a terminal: then see <see cref="LaunchedProcess.Terminal"/>.</summary>
    public StdioFds Stdio { get; init; } = StdioFds.Inherit;

    /// <summary>
    /// Namespaces given as open descriptors rather than as paths in the config, by type (<c>network</c>, <c>pid</c>, …).
    /// They win over the config's path.
    /// </summary>
    public IReadOnlyDictionary<string, Fd> NamespaceFds { get; init; } = new Dictionary<string, Fd>();

    /// <summary>Files of the container's cgroups into which the child writes "0" to join them (<c>tasks</c> on v1, <c>cgroup.procs</c> on v2).</summary>
    public IReadOnlyList<string> CgroupJoinFiles { get; init; } = [];

    /// <summary>The compiled filter of the config; null: none is loaded.</summary>
    public SeccompFilter? Seccomp { get; init; }

    /// <summary>
    /// Where the child waits for <c>start</c> when it must outlive this process: a FIFO opened O_RDWR, read by the child.
    /// Null: it waits for <see cref="LaunchedProcess.Start"/>.
    /// </summary>
    public Fd? GateFd { get; init; }

    /// <summary>Where the child reports the result of execve when it must outlive this process; null: to <see cref="LaunchedProcess.Start"/>.</summary>
    public Fd? ResultFd { get; init; }

    /// <summary>Uses chroot after MS_MOVE instead of pivot_root (for a root on an initramfs).</summary>
    public bool NoPivot { get; init; }

    /// <summary>Keeps the caller's session keyring.</summary>
    public bool NoNewKeyring { get; init; }

    /// <summary>How many descriptors from 3 on the process inherits as they are.</summary>
    public int PreserveFds { get; init; }
}
