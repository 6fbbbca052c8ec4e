using System.IO.Pipelines;
using System.Text;
using Gantry.Api.Server;
using Gantry.Engine.Containers;
using Gantry.Model;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Streams;

/// <summary>A request's connection turned into a raw stream (attach, exec).</summary>
/// <remarks>
/// Source: moby daemon/server/router/container attach: <c>HTTP/1.1 101 UPGRADED</c> with <c>Upgrade: tcp</c> when the client asked for an
/// upgrade, else <c>200 OK</c> with neither length nor chunks. The content type says whether frames follow (from API 1.42 on).
/// The head is a read of its own for the client, because docker-py loses what comes in the same one.
/// </remarks>
internal sealed class HijackedStream
{
    private const int BufferBytes = 32 << 10;

    /// <summary>Some scheduler slices of a busy machine.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(15);

    private readonly IDuplexPipe _pipe;

    private HijackedStream(IDuplexPipe pipe) => _pipe = pipe;

    /// <summary>Takes the connection and sends the answer's head.</summary>
    /// <param name="exchange">The request; what is left of its body is not for the process, and is passed over.</param>
    /// <param name="terminal">Whether the stream is raw rather than framed.</param>
    public static async Task<HijackedStream> TakeAsync(Exchange exchange, bool terminal)
    {
        var upgrade = exchange.Http.Request.Headers.Upgrade.Count > 0;
        await SkipBodyAsync(exchange);
        var (connection, pipe) = Take(exchange);
        var head = new StringBuilder(upgrade ? "HTTP/1.1 101 UPGRADED\r\n" : "HTTP/1.1 200 OK\r\n");
        // moby promises frames only to those who asked for an upgrade. Source: api/server/router/container, postContainersAttach.
        head.Append("Content-Type: ").Append(StreamTypes.Of(terminal || !upgrade, exchange.Version)).Append("\r\n");
        if (upgrade)
            head.Append("Connection: Upgrade\r\nUpgrade: tcp\r\n");
        Dispatcher.WriteHeaders(exchange.Facts, (name, value) => head.Append(name).Append(": ").Append(value).Append("\r\n"));
        head.Append("\r\n");
        var bytes = Encoding.ASCII.GetBytes(head.ToString());
        if (!await connection.TrySendApartAsync(bytes))
        {
            await pipe.Output.WriteAsync(bytes);
            await SettleAsync(exchange);
        }
        return new HijackedStream(pipe);
    }

    /// <summary>Answers that there is nothing to attach to: as text, because dockerd has taken the connection by then.</summary>
    /// <remarks>Source: moby daemon/server/router/container postContainersAttach.</remarks>
    public static async Task RefuseAsync(Exchange exchange, GantryException reason)
    {
        var response = exchange.Http.Response;
        response.StatusCode = ErrorStatus.Of(reason.Kind);
        response.ContentType = StreamTypes.Of(terminal: true, exchange.Version);
        response.Headers.Connection = "close";
        await response.WriteAsync(reason.Message + "\r\n");
    }

    /// <summary>Takes the connection; the caller sends the answer's head.</summary>
    public static (HijackableConnection Connection, IDuplexPipe Pipe) Take(Exchange exchange)
    {
        var http = exchange.Http;
        var connection = http.Features.Get<HijackableConnection>() ?? throw new InvalidOperationException("the connection cannot be taken: no HijackableConnection below it");
        // What Kestrel answers from here on goes nowhere; it only has to end its loop.
        http.Response.Headers.Connection = "close";
        http.Response.ContentLength = 0;
        return (connection, connection.Take());
    }

    /// <summary>Reads what the client announced and nobody wants: dockerode repeats the parameters of attach in a body.</summary>
    /// <remarks>A body without a length is left alone: it would only end with the input itself.</remarks>
    private static async Task SkipBodyAsync(Exchange exchange)
    {
        if (exchange.Http.Request.ContentLength is null or 0)
            return;
        var dropped = new byte[4 << 10];
        while (await exchange.Http.Request.Body.ReadAsync(dropped, exchange.Requested) > 0)
        {
        }
    }

    /// <summary>Where the head cannot be sent apart, gives clients that lose what follows it in the same read a moment to read it.</summary>
    /// <remarks>
    /// docker-py (and Compose 1 with it) reads the head through a buffer and the stream past that buffer. Over TCP nobody can tell when a peer
    /// has read; Docker relies on the time that a start takes there.
    /// </remarks>
    private static Task SettleAsync(Exchange exchange) =>
        exchange.Http.Request.Headers.UserAgent.ToString() is var agent && (agent.StartsWith("docker-sdk-python", StringComparison.Ordinal) || agent.StartsWith("docker-compose/1", StringComparison.Ordinal))
            ? Task.Delay(s_settling, exchange.Time, exchange.Requested)
            : Task.CompletedTask;

    /// <summary>Writes one last text, framed as standard output unless raw, and ends.</summary>
    public async Task EndWithAsync(string text, bool terminal)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!terminal)
            StdCopy.WriteHeader(_pipe.Output, isStderr: false, bytes.Length);
        await _pipe.Output.WriteAsync(bytes);
        await _pipe.Output.CompleteAsync();
        await _pipe.Input.CompleteAsync();
    }

    /// <summary>The connection as a stream, for what is not a process's; <see cref="EndAsync"/> ends it.</summary>
    public DuplexStream AsStream() => new(_pipe);

    /// <summary>Ends the connection.</summary>
    public async Task EndAsync()
    {
        await _pipe.Output.CompleteAsync();
        await _pipe.Input.CompleteAsync();
    }

    /// <summary>Copies both ways until the process's end has been sent, or the client is gone.</summary>
    /// <param name="process">The process's streams; the caller disposes of them.</param>
    /// <param name="stopping">Ends when the server stops.</param>
    public async Task PumpAsync(AttachedStream process, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var input = SendAsync(process, ended.Token);
        try
        {
            await ReceiveAsync(process, ended.Token);
        }
        catch (Exception exception) when (IsDisconnect(exception))
        {
            // The client went away, or the server stops: nobody is left to tell.
        }
        finally
        {
            await ended.CancelAsync();
            await input;
            await _pipe.Output.CompleteAsync();
            await _pipe.Input.CompleteAsync();
        }
    }

    private static bool IsDisconnect(Exception exception) => exception is IOException or OperationCanceledException or ConnectionAbortedException or ConnectionResetException;

    private async Task ReceiveAsync(AttachedStream process, CancellationToken ended)
    {
        while (true)
        {
            var count = await process.ReadAsync(_pipe.Output.GetMemory(BufferBytes), ended);
            if (count == 0)
                return;
            _pipe.Output.Advance(count);
            var result = await _pipe.Output.FlushAsync(ended);
            if (result.IsCompleted || result.IsCanceled)
                return;
        }
    }

    private async Task SendAsync(AttachedStream process, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                var result = await _pipe.Input.ReadAsync(ended);
                // NOTE: an empty buffer still has one empty segment.
                foreach (var segment in result.Buffer)
                {
                    if (!segment.IsEmpty)
                        await process.WriteAsync(segment, ended);
                }
                _pipe.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                    break;
            }
            await process.CloseWriteAsync(ended);
        }
        catch (Exception exception) when (IsDisconnect(exception))
        {
            // The process closed its standard input, or the other direction has ended; output decides when the stream is over.
        }
    }
}
