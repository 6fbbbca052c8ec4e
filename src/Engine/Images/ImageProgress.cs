using System.Globalization;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Images;

/// <summary>One object of Docker's progress stream.</summary>
/// <remarks>Source: moby pkg/jsonmessage, pkg/streamformatter.</remarks>
public sealed record ImageProgress
{
    private const int BarWidth = 50;

    /// <summary>The layer or tag that it is about, shortened to 12 digits.</summary>
    public string? Id { get; init; }

    /// <summary>As in <c>Downloading</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Text to be shown as it is, line ends included (load).</summary>
    public string? Stream { get; init; }

    /// <summary>Bytes done.</summary>
    public long? Current { get; init; }

    /// <summary>Bytes to do.</summary>
    public long? Total { get; init; }

    /// <summary>An image id, told at the end of an import or build as <c>aux</c>.</summary>
    public Digest? Aux { get; init; }

    /// <summary>What went wrong; the last object of a stream.</summary>
    public string? Error { get; init; }

    /// <summary>Writes the object, without a line end.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        if (Stream is not null)
            writer.WriteString("stream", Stream);
        if (Status is not null)
            writer.WriteString("status", Status);
        if (Current is not null)
        {
            writer.WriteStartObject("progressDetail");
            if (Current > 0)
                writer.WriteNumber("current", Current.Value);
            if (Total > 0)
                writer.WriteNumber("total", Total.Value);
            writer.WriteEndObject();
            if (Bar() is { } bar)
                writer.WriteString("progress", bar);
        }
        else if (Id is not null)
        {
            writer.WriteStartObject("progressDetail");
            writer.WriteEndObject();
        }

        if (Id is not null)
            writer.WriteString("id", Id);
        if (Error is not null)
        {
            writer.WriteStartObject("errorDetail");
            writer.WriteString("message", Error);
            writer.WriteEndObject();
            writer.WriteString("error", Error);
        }

        if (Aux is not null)
        {
            writer.WriteStartObject("aux");
            writer.WriteString("ID", Aux.Value.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>The object as text, without a line end.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    // Units of 1000, four digits, as go-units writes them: 1.234MB.
    private static string Size(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        var value = (double)bytes;
        var unit = 0;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return value.ToString("G4", CultureInfo.InvariantCulture) + units[unit];
    }

    private string? Bar()
    {
        if (Current is not > 0)
            return null;
        if (Total is not > 0 || Current > Total)
            return $"{Size(Current.Value),8}";
        var done = (int)(Current.Value * 100 / Total.Value) / 2;
        var bar = $"[{new string('=', done)}>{new string(' ', Math.Max(BarWidth - done, 0))}] ";
        return $"{bar} {Size(Current.Value),8}/{Size(Total.Value)}";
    }
}
