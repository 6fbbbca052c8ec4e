using System.Text.Json;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads what <see cref="BuildEventJson"/> wrote.</summary>
public static class BuildEventReader
{
    /// <summary>Tells a listener what one line says; a line about something else tells nothing.</summary>
    /// <exception cref="JsonException">It is no such line.</exception>
    public static void Tell(ReadOnlyMemory<byte> line, IBuildProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var document = JsonDocument.Parse(line);
        var happening = document.RootElement;
        try
        {
            if (happening.TryGetProperty("vertex", out var vertex))
                progress.Report(ReadVertex(vertex));
            else if (happening.TryGetProperty("log", out var log))
                progress.Report(ReadLog(log));
            else if (happening.TryGetProperty("status", out var status))
                progress.Report(ReadStatus(status));
            else if (happening.TryGetProperty("warnings", out var warnings))
                progress.Report(ReadWarnings(warnings));
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or GantryException)
        {
            throw new JsonException("the line tells of a build, but not as it should", e);
        }
    }

    private static VertexProgress ReadVertex(JsonElement vertex) => new()
    {
        Digest = DigestOf(vertex, "digest"),
        Name = vertex.GetProperty("name").GetString() ?? "",
        Inputs = [.. vertex.GetProperty("inputs").EnumerateArray().Select(static input => Digest.Parse(input.GetString() ?? ""))],
        Started = Time(vertex, "started"),
        Completed = Time(vertex, "completed"),
        Cached = vertex.TryGetProperty("cached", out _),
        Error = vertex.TryGetProperty("error", out var error) ? error.GetString() : null,
    };

    private static VertexLog ReadLog(JsonElement log) => new()
    {
        Vertex = DigestOf(log, "vertex"),
        Stream = log.GetProperty("stream").GetInt32(),
        Time = log.GetProperty("time").GetDateTimeOffset(),
        Data = log.GetProperty("data").GetBytesFromBase64(),
    };

    private static VertexStatus ReadStatus(JsonElement status) => new()
    {
        Vertex = DigestOf(status, "vertex"),
        Id = status.GetProperty("id").GetString() ?? "",
        Current = status.GetProperty("current").GetInt64(),
        Total = status.GetProperty("total").GetInt64(),
        Time = status.GetProperty("time").GetDateTimeOffset(),
        Started = Time(status, "started"),
        Completed = Time(status, "completed"),
    };

    // The file itself is not kept.
    private static VertexWarnings ReadWarnings(JsonElement warnings) => new()
    {
        Vertex = DigestOf(warnings, "vertex"),
        Source = new FileSource { Filename = "Dockerfile", Data = default },
        Warnings = [.. warnings.GetProperty("found").EnumerateArray().Select(static warning => new LintWarning
        {
            Rule = Text(warning, "rule"),
            Message = Text(warning, "message"),
            Description = Text(warning, "description"),
            Url = Text(warning, "url"),
            Lines = warning.TryGetProperty("firstLine", out var first) ? new SourceLines(first.GetInt32(), warning.GetProperty("lastLine").GetInt32()) : null,
        })],
    };

    private static Digest DigestOf(JsonElement element, string name) => Digest.Parse(Text(element, name));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static DateTimeOffset? Time(JsonElement element, string name) => element.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;
}
