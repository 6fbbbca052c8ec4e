namespace Gantry.Model.Monitor;

/// <summary>What a monitor tells an engine that has just connected.</summary>
public sealed record MonitorState
{
    public required MonitorStatus Status { get; init; }

    /// <summary>The container's first process, as the host counts; 0 before it exists.</summary>
    public int Pid { get; init; }

    /// <summary>When the first process left its gate.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>What clients have run; health probes are not among them.</summary>
    public IReadOnlyList<MonitorExecState> Execs { get; init; } = [];

    /// <summary>Null: the health is not probed.</summary>
    public MonitorHealth? Health { get; init; }

    public ContainerExit? Exit { get; init; }
}
