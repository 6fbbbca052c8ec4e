using System.Collections.Concurrent;

namespace Gantry.Tests.Support;

/// <summary>
/// Which operations of the API were called in the tests of this process, and by whom: read from what engines log, and added to a
/// file in the folder that <c>GANTRY_OPERATIONS</c> names. Nothing is noted when it names none.
/// </summary>
public static class OperationLog
{
    private const string Mark = "Done: ";

    private static readonly ConcurrentDictionary<string, bool> _noted = new();

    /// <summary>The file, one call per line: method, route, client; null when nothing is noted.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable("GANTRY_OPERATIONS") is { Length: > 0 } folder ? System.IO.Path.Combine(folder, "operations.txt") : null;

    /// <summary>Looks at a line that an engine logged.</summary>
    public static void Look(string? line)
    {
        if (Path is null || line is null || line.IndexOf(Mark, StringComparison.Ordinal) is not (>= 0 and var at) || !_noted.TryAdd(line[(at + Mark.Length)..], true))
            return;
        lock (_noted)
            File.AppendAllText(Path, line[(at + Mark.Length)..] + "\n");
    }
}
