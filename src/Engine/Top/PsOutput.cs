using System.Globalization;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Top;

/// <summary>Picks a container's processes out of what ps printed. Pure.</summary>
/// <remarks>Source: moby daemon/top_unix.go parsePSOutput; its sentences.</remarks>
internal static class PsOutput
{
    /// <summary>The lines of the processes, and of the threads that follow them.</summary>
    /// <exception cref="GantryException">Internal: there is no column PID, or something else stands in it.</exception>
    public static ContainerTopResponse Parse(string output, IReadOnlyCollection<int> pids)
    {
        var lines = output.Split('\n');
        var titles = Words(lines[0]);
        var column = Array.IndexOf(titles, "PID");
        if (column < 0)
            throw NoPid();
        List<IReadOnlyList<string>> processes = [];
        var within = false;
        foreach (var line in lines.Skip(1))
        {
            var fields = Words(line);
            if (fields.Length <= column)
                continue;
            // A thread has a dash for its process, which stands above it.
            if (fields[column] != "-")
            {
                within = int.TryParse(fields[column], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                    ? pids.Contains(pid)
                    : throw GantryException.Of(ErrorKind.Internal, $"Unexpected pid '{fields[column]}' in the output of ps");
            }
            if (within)
                processes.Add(Row(fields, titles.Length));
        }
        return new ContainerTopResponse { Titles = titles, Processes = processes };
    }

    public static GantryException NoPid() => GantryException.Of(ErrorKind.Internal, "Couldn't find PID field in ps output");

    /// <summary>As many fields as there are titles: the last, the command, has all the rest.</summary>
    private static string[] Row(string[] fields, int count) =>
        fields.Length <= count ? fields : [.. fields[..(count - 1)], string.Join(' ', fields[(count - 1)..])];

    private static string[] Words(string line) => line.Split([' ', '\t', '\v', '\f', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
