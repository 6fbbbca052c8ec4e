namespace Gantry.Model.Monitor;

/// <summary>What a frame between engine and monitor says. Numbers are never given a new meaning: monitors outlive engines of other versions.</summary>
/// <remarks>
/// <code>
/// engine                         monitor
///   Bind, Create(+fds), Start  →
///                              ←  Ok or Failed, with the request's number
///                              ←  Exited, ExecExited, ProbeStarted, ProbeEnded, OutOfMemory: to every connected engine, number 0
///   Close                      →
///                              ←  Ok; the monitor ends when its clients have read everything
/// </code>
/// </remarks>
public enum MonitorMessageKind : byte
{
    /// <summary>Which directory is the container's. First message to a warm monitor.</summary>
    Bind = 1,

    /// <summary>Set the container up. Descriptors to hold come along.</summary>
    Create = 2,

    Start = 3,

    /// <summary>A signal for the first process.</summary>
    Kill = 4,

    /// <summary>SIGKILL for every process of the container.</summary>
    KillAll = 5,

    Pause = 6,

    Resume = 7,

    Resize = 8,

    /// <summary>Run a further process. A client's stream may come along.</summary>
    Exec = 9,

    /// <summary>Connect a client's stream, which comes along.</summary>
    Attach = 10,

    State = 11,

    Close = 12,

    /// <summary>Other limits for the container's control group.</summary>
    Update = 13,

    Ok = 128,

    Failed = 129,

    Exited = 192,

    ExecExited = 193,

    /// <summary>A health probe begins.</summary>
    ProbeStarted = 194,

    /// <summary>A health probe has ended.</summary>
    ProbeEnded = 195,

    /// <summary>The kernel has killed something in the container for want of memory.</summary>
    OutOfMemory = 196,
}
