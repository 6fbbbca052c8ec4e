namespace Gantry.Engine.Logs;

/// <summary>Reads a container's json-file log back: tail from the end, since and until, follow across rotation.</summary>
public static class ContainerLogReader
{
    /// <summary>The lines that the query asks for, oldest first. An absent log has none.</summary>
    /// <param name="path">The newest file; rotated ones are found beside it.</param>
    /// <param name="query">Which lines.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static IAsyncEnumerable<LogEntry> ReadAsync(string path, LogQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
