using System.Buffers;
using System.Text;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs;

namespace Gantry.Api.Streams;

/// <summary>A container's log as a stream: framed, or raw for a container with a terminal.</summary>
/// <remarks>Source: moby daemon/server/httputils/write_log_stream.go: with timestamps and details each line is <c>time attributes line</c>.</remarks>
internal static class LogStream
{
    private const int FlushBytes = 64 << 10;

    public static async Task WriteAsync(Exchange exchange, ContainerLogs logs, bool timestamps, bool details)
    {
        await exchange.BeginAsync(StreamTypes.Of(logs.Terminal, exchange.Version));
        var output = exchange.Http.Response.BodyWriter;
        var enumerator = logs.Entries.GetAsyncEnumerator(exchange.Requested);
        try
        {
            while (true)
            {
                var next = enumerator.MoveNextAsync();
                // Lines that are at hand go out together; before a wait everything is sent.
                if (!next.IsCompleted || output.UnflushedBytes > FlushBytes)
                    await output.FlushAsync(exchange.Requested);
                if (!await next)
                    break;
                Write(output, enumerator.Current, logs.Terminal, timestamps, details);
            }
            await output.FlushAsync(exchange.Requested);
        }
        catch (OperationCanceledException) when (exchange.Requested.IsCancellationRequested)
        {
            // The client has had enough.
        }
        finally
        {
            await enumerator.DisposeAsync();
        }
    }

    /// <summary>Writes one entry with its frame.</summary>
    public static void Write(IBufferWriter<byte> output, LogEntry entry, bool terminal, bool timestamps, bool details)
    {
        var prefix = timestamps || details ? Encoding.UTF8.GetBytes(Prefix(entry, timestamps, details)) : [];
        if (!terminal)
            StdCopy.WriteHeader(output, entry.IsStderr, prefix.Length + entry.Line.Length);
        output.Write(prefix);
        output.Write(entry.Line.Span);
    }

    private static string Prefix(LogEntry entry, bool timestamps, bool details)
    {
        var prefix = new StringBuilder();
        if (timestamps)
            prefix.Append(Fixed(entry.Timestamp)).Append(' ');
        if (details)
        {
            var attributes = (entry.Attributes ?? new Dictionary<string, string>()).OrderBy(static a => a.Key, StringComparer.Ordinal);
            prefix.AppendJoin(',', attributes.Select(static a => $"{Uri.EscapeDataString(a.Key)}={Uri.EscapeDataString(a.Value)}")).Append(' ');
        }
        return prefix.ToString();
    }

    // Nine decimals always, so that columns align. Source: moby jsonmessage.RFC3339NanoFixed.
    private static string Fixed(string timestamp)
    {
        var zone = timestamp.IndexOfAny(['Z', '+'], 10);
        if (zone < 0)
            return timestamp;
        var dot = timestamp.IndexOf('.', StringComparison.Ordinal);
        var decimals = dot < 0 ? string.Empty : timestamp[(dot + 1)..zone];
        return $"{timestamp[..(dot < 0 ? zone : dot)]}.{decimals.PadRight(9, '0')}{timestamp[zone..]}";
    }
}
