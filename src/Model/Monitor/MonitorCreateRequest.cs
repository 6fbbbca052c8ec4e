using Gantry.Model.Mounts;
using Gantry.Model.Oci;

namespace Gantry.Model.Monitor;

/// <summary>Everything a monitor needs to set a container up. The terminal is asked for by the configuration's process.</summary>
public sealed record MonitorCreateRequest
{
    /// <summary>What to launch. Paths are the host's.</summary>
    public required RuntimeConfig Config { get; init; }

    /// <summary>How the root filesystem is mounted, in order, in the container's own mount namespace.</summary>
    public IReadOnlyList<RootfsMount> RootfsMounts { get; init; } = [];

    /// <summary>Whether the container has a standard input; without it, it reads <c>/dev/null</c>.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether standard input ends with the first client that was attached to it.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>Null: no log is kept (log driver <c>none</c>).</summary>
    public MonitorLogOptions? Log { get; init; }

    /// <summary>The runtime that makes the container; null: the monitor's own.</summary>
    public MonitorRuntime? Runtime { get; init; }

    /// <summary>Null: the container's health is not probed.</summary>
    public MonitorHealthSpec? Health { get; init; }

    /// <summary>
    /// Which of the descriptors that come with the request is the network namespace: it takes the place of the path in
    /// the configuration's network namespace. Null: the configuration holds as it is.
    /// </summary>
    public int? NetworkNamespaceIndex { get; init; }

    /// <summary>Sockets whose connections are relayed while the container runs.</summary>
    public IReadOnlyList<MonitorRelay> Relays { get; init; } = [];
}
