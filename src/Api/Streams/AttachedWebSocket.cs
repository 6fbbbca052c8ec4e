using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Gantry.Engine.Containers;
using Gantry.Model;
using Microsoft.AspNetCore.Connections;

namespace Gantry.Api.Streams;

/// <summary>A request's connection turned into a WebSocket: what a browser can attach to. Binary frames, without Docker's own frames in them.</summary>
/// <remarks>Source: RFC 6455; moby daemon/server/router/container wsContainersAttach: standard output and error are one stream.</remarks>
internal sealed class AttachedWebSocket : IDisposable
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    private const int BufferBytes = 32 << 10;
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);

    private readonly IDuplexPipe _pipe;
    private readonly WebSocket _socket;

    private AttachedWebSocket(IDuplexPipe pipe)
    {
        _pipe = pipe;
        _socket = WebSocket.CreateFromStream(new DuplexStream(pipe), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = s_keepAlive });
    }

    /// <summary>Refuses what is no request for a WebSocket, before anything is done for it.</summary>
    /// <exception cref="GantryException">Invalid: a header is missing. Forbidden: it comes from a page of another site.</exception>
    public static void Check(Exchange exchange)
    {
        var headers = exchange.Http.Request.Headers;
        if (!headers.Upgrade.Any(value => string.Equals(value, "websocket", StringComparison.OrdinalIgnoreCase)) || headers.SecWebSocketVersion != "13" || headers.SecWebSocketKey.Count != 1)
            throw GantryException.Of(ErrorKind.Invalid, "this is no request for a WebSocket: send Upgrade: websocket, Sec-WebSocket-Version: 13 and Sec-WebSocket-Key, or attach with POST");
        // Browsers let any page open a WebSocket to this machine, and say which page it was. They name the host, too: who does not is none.
        if (exchange.Http.Request.Host.HasValue && headers.Origin is [{ Length: > 0 } origin] && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, exchange.Http.Request.Host.Value, StringComparison.OrdinalIgnoreCase)))
            throw GantryException.Of(ErrorKind.Forbidden, $"a page of {origin} may not attach to containers of {exchange.Http.Request.Host.Value}");
    }

    /// <summary>Takes the connection and sends the answer's head.</summary>
    public static async Task<AttachedWebSocket> TakeAsync(Exchange exchange)
    {
        var headers = exchange.Http.Request.Headers;
#pragma warning disable CA5350 // the protocol's choice; nothing is secret here
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(headers.SecWebSocketKey + AcceptSuffix)));
#pragma warning restore CA5350
        var (_, pipe) = HijackedStream.Take(exchange);
        var head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ").Append(accept).Append("\r\n");
        // A browser that asked for one gives up when none is named; all are the same to us.
        if (headers.SecWebSocketProtocol is [{ Length: > 0 } protocol] && !protocol.Contains(',', StringComparison.Ordinal))
            head.Append("Sec-WebSocket-Protocol: ").Append(protocol).Append("\r\n");
        await pipe.Output.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
        return new AttachedWebSocket(pipe);
    }

    /// <summary>Copies both ways until the process's end has been sent, or the client closes.</summary>
    /// <param name="process">The process's streams; the caller disposes of them.</param>
    /// <param name="stopping">Ends when the server stops.</param>
    public async Task PumpAsync(AttachedStream process, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var input = SendAsync(process, ended);
        try
        {
            await ReceiveAsync(process, ended.Token);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ended.Token);
        }
        catch (Exception exception) when (IsDisconnect(exception))
        {
            // The client went away, or the server stops: nobody is left to tell.
        }
        finally
        {
            await ended.CancelAsync();
            await input;
            await AnswerCloseAsync(stopping);
            await _pipe.Output.CompleteAsync();
            await _pipe.Input.CompleteAsync();
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsDisconnect(Exception exception) =>
        exception is IOException or OperationCanceledException or WebSocketException or ConnectionAbortedException or ConnectionResetException or ObjectDisposedException;

    /// <summary>Who closes is told that this was heard.</summary>
    private async Task AnswerCloseAsync(CancellationToken stopping)
    {
        if (_socket.State != WebSocketState.CloseReceived)
            return;
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stopping);
        }
        catch (Exception exception) when (IsDisconnect(exception))
        {
            // It did not wait for the answer.
        }
    }

    private async Task ReceiveAsync(AttachedStream process, CancellationToken ended)
    {
        var buffer = new byte[BufferBytes];
        var frames = new FrameContents();
        int count;
        while ((count = await process.ReadAsync(buffer, ended)) > 0)
        {
            foreach (var content in process.Terminal ? [buffer.AsMemory(0, count)] : frames.Of(buffer.AsMemory(0, count)))
                await _socket.SendAsync(content, WebSocketMessageType.Binary, endOfMessage: true, ended);
        }
    }

    private async Task SendAsync(AttachedStream process, CancellationTokenSource ended)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(), ended.Token) is var received && received.MessageType != WebSocketMessageType.Close)
                await process.WriteAsync(buffer.AsMemory(0, received.Count), ended.Token);
            // A WebSocket has no half: who closes wants no more output either.
            await process.CloseWriteAsync(ended.Token);
            await ended.CancelAsync();
        }
        catch (Exception exception) when (exception is WebSocketException)
        {
            await ended.CancelAsync(); // the client went away without a word
        }
        catch (Exception exception) when (IsDisconnect(exception))
        {
            // The process closed its standard input, or the other direction has ended; output decides when the stream is over.
        }
    }
}
