using Gantry.Engine.Logs;

namespace Gantry.Engine.Containers;

/// <summary>A container's log, opened.</summary>
/// <param name="Terminal">Whether the container has a terminal, so that its log is sent raw.</param>
/// <param name="Entries">The lines, oldest first; read them once.</param>
public sealed record ContainerLogs(bool Terminal, IAsyncEnumerable<LogEntry> Entries);
