namespace Gantry.Model.Monitor;

/// <summary>Which container a warm monitor is for.</summary>
public sealed record MonitorBindRequest
{
    public required string ContainerId { get; init; }

    /// <summary>The container's run-time directory and bundle. It exists.</summary>
    public required string Directory { get; init; }

    /// <summary>Where compiled seccomp filters are kept; null: nowhere.</summary>
    public string? CachePath { get; init; }
}
