using System.Text.Json;

namespace Gantry.Engine.Logs;

/// <summary>Reads one line of the json-file format. Pure.</summary>
public static class LogLineReader
{
    /// <summary>The entry of a line; null when the line is none (torn by a loss of power, or written by somebody else).</summary>
    public static LogEntry? Find(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            byte[]? line = null;
            string? time = null;
            var isStderr = false;
            Dictionary<string, string>? attributes = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("log"u8))
                    line = Bytes(ref reader);
                else if (reader.ValueTextEquals("stream"u8))
                    isStderr = reader.Read() && reader.ValueTextEquals("stderr"u8);
                else if (reader.ValueTextEquals("time"u8))
                    time = reader.Read() ? reader.GetString() : null;
                else if (reader.ValueTextEquals("attrs"u8))
                    attributes = Attributes(ref reader);
                else
                    reader.Skip();
            }
            if (line is null || time is null || !DateTimeOffset.TryParse(time, out var parsed))
                return null;
            return new LogEntry { Time = parsed, Timestamp = time, IsStderr = isStderr, Line = line, Attributes = attributes };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[] Bytes(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan.ToArray();
        var buffer = new byte[reader.ValueSpan.Length];
        var count = reader.CopyString(buffer);
        return buffer[..count];
    }

    private static Dictionary<string, string> Attributes(ref Utf8JsonReader reader)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            attributes[name] = reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        }
        return attributes;
    }
}
