using System.Text.Json;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Output;

/// <summary>Shows a stream of progress objects: bars that move on a terminal, plain lines elsewhere, as Docker does.</summary>
/// <remarks>Source: Engine API, "Pull an image": status, id, progressDetail, stream, errorDetail, aux.</remarks>
internal sealed class ProgressDisplay(TextOutput output, bool terminal)
{
    private readonly Dictionary<string, int> _lines = [];

    /// <summary>Takes the aux objects, in which an engine says what it made; null: nobody wants them.</summary>
    public Action<JsonElement>? Aux { get; init; }

    /// <summary>Shows everything until the stream ends.</summary>
    /// <exception cref="GantryException">The engine said that it failed.</exception>
    public void Show(IEnumerable<JsonElement> objects)
    {
        foreach (var item in objects)
        {
            ThrowIfFailed(item);
            if (item.TryGetProperty("aux", out var aux))
                Aux?.Invoke(aux);
            else if (terminal)
                ShowOnTerminal(item);
            else
                ShowLine(item);
            output.Flush();
        }
    }

    /// <summary>Reads a stream to its end and shows nothing.</summary>
    /// <exception cref="GantryException">The engine said that it failed.</exception>
    public static void Drain(IEnumerable<JsonElement> objects)
    {
        foreach (var item in objects)
            ThrowIfFailed(item);
    }

    private static void ThrowIfFailed(JsonElement item)
    {
        if (item.TryGetProperty("errorDetail", out var detail) && Text(detail, "message") is { Length: > 0 } message)
            throw GantryException.Of(ErrorKind.Internal, message);
        if (Text(item, "error") is { Length: > 0 } error)
            throw GantryException.Of(ErrorKind.Internal, error);
    }

    private void ShowLine(JsonElement item)
    {
        if (Bar(item, 80).Length == 0)
            output.Write(Line(item, "") + (Text(item, "stream").Length > 0 ? "" : "\n"));
    }

    private void ShowOnTerminal(JsonElement item)
    {
        var columns = Terminals.FindSize(1)?.Columns ?? 80;
        var id = Text(item, "id");
        var hasProgress = item.TryGetProperty("progressDetail", out _);
        if (id.Length == 0 || !hasProgress)
        {
            output.Write(Line(item, "") + (Text(item, "stream").Length > 0 ? "" : "\n"));
            // What was written below the bars moved them: they are found from the bottom, so forget them.
            _lines.Clear();
            return;
        }
        if (!_lines.TryGetValue(id, out var line))
        {
            _lines[id] = line = _lines.Count;
            output.Write("\n");
        }
        var up = _lines.Count - line;
        output.Write($"\x1b[{up}A\x1b[2K\r{Cut(Line(item, Bar(item, columns)), columns)}\r\x1b[{up}B");
    }

    private static string Line(JsonElement item, string bar)
    {
        var id = Text(item, "id");
        var status = Text(item, "stream") is { Length: > 0 } stream ? stream : Text(item, "status");
        return (id.Length > 0 ? id + ": " : "") + status + (bar.Length > 0 ? " " + bar : "");
    }

    private static string Bar(JsonElement item, int columns)
    {
        if (!item.TryGetProperty("progressDetail", out var detail) || detail.ValueKind != JsonValueKind.Object)
            return "";
        var current = Number(detail, "current");
        var total = Number(detail, "total");
        if (current <= 0 && total <= 0)
            return "";
        if (total <= 0)
            return $"{Units.Size(current),8}";
        var numbers = $"{Units.Size(Math.Min(current, total)),8}/{Units.Size(total)}";
        if (columns <= 60)
            return numbers;
        var width = columns > 110 ? 50 : 25;
        var done = (int)Math.Clamp((double)current / total * width, 0, width);
        return $"[{new string('=', done)}{(done < width ? ">" : "")}{new string(' ', Math.Max(0, width - done - 1))}] {numbers}";
    }

    private static string Cut(string line, int columns) => line.Length < columns ? line : line[..Math.Max(0, columns - 1)];

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
