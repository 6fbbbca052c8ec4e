using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gantry.Kernel.Sys;

namespace Gantry.Apps.GantryRuntime;

/// <summary>Where errors go: standard error, and the file of <c>--log</c>, from whose last line shims take their message.</summary>
internal static class ErrorLog
{
    /// <summary>Reports an error.</summary>
    public static void Write(ParsedOptions? global, string message)
    {
        Output.WriteError(message);
        if (global?.Find("--log") is not { Length: > 0 } path) return;
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var line = global.Find("--log-format") == "json" ? Json(message, time) : Encoding.UTF8.GetBytes($"time=\"{time}\" level=error msg={Quote(message)}\n");
        if (Files.TryOpenAt(null, path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND, 0x1A4, out var fd) < 0) return;
        using (fd) _ = Files.TryWrite(fd!, line);
    }

    private static byte[] Json(string message, string time)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("level", "error");
            json.WriteString("msg", message);
            json.WriteString("time", time);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
