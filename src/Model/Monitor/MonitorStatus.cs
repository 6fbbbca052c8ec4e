namespace Gantry.Model.Monitor;

/// <summary>How far the monitor's container is.</summary>
public enum MonitorStatus
{
    /// <summary>The monitor has no container yet, or it could not be launched.</summary>
    Empty,

    /// <summary>Set up; its first process waits to be started.</summary>
    Created,

    Running,

    Paused,

    /// <summary>The first process has ended and the exit is on disk.</summary>
    Exited,
}
