using Gantry.Kernel.Fds;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;

namespace Gantry.Runtime;

/// <summary>Everything <see cref="ExecLauncher.Exec"/> needs. Descriptors stay the caller's.</summary>
public sealed record ExecRequest
{
    /// <summary>The container's config: which namespaces it has, its seccomp filter and mappings.</summary>
    public required RuntimeConfig Config { get; init; }

    /// <summary>The process to run.</summary>
    public required RuntimeProcess Process { get; init; }

    /// <summary>The container's init, in the caller's pid namespace.</summary>
    public required int InitPid { get; init; }

    /// <summary>The container's init.</summary>
    public required Fd InitPidFd { get; init; }

    /// <summary>Unused when the process has a terminal: then see <see cref="LaunchedProcess.Terminal"/>.</summary>
    public StdioFds Stdio { get; init; } = StdioFds.Inherit;

    /// <summary>Files of the container's cgroups into which the child writes "0" to join them.</summary>
    public IReadOnlyList<string> CgroupJoinFiles { get; init; } = [];

    /// <summary>The compiled filter of the config; null: none is loaded.</summary>
    public SeccompFilter? Seccomp { get; init; }

    /// <summary>The container's state, for the agent of a filter that notifies; null: such a filter is refused.</summary>
    public RuntimeState? State { get; init; }

    /// <summary>How many descriptors from 3 on the process inherits as they are.</summary>
    public int PreserveFds { get; init; }
}
