namespace Gantry.Model.Monitor;

/// <summary>Which streams of the container, or of one of its execs, a client wants.</summary>
public sealed record MonitorAttachRequest
{
    /// <summary>Null: the container's first process.</summary>
    public string? ExecId { get; init; }

    public bool Stdin { get; init; }

    public bool Stdout { get; init; }

    public bool Stderr { get; init; }
}
