using System.Net.WebSockets;
using System.Text;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Xunit;

namespace Gantry.Tests.Unit.Api;

/// <summary>Attaching over a WebSocket, spoken by .NET's own client.</summary>
public sealed class WebSocketTests
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"; // RFC 6455, 1.3

    private static Route Echo(bool terminal = true, Action<EchoProcess>? made = null) => new("GET", "/echo", async exchange =>
    {
        AttachedWebSocket.Check(exchange);
        await using var process = new EchoProcess(terminal, "bye");
        made?.Invoke(process);
        using var stream = await AttachedWebSocket.TakeAsync(exchange);
        await stream.PumpAsync(process, exchange.Requested);
    });

    [Fact]
    public async Task BothWaysInBinaryFrames()
    {
        await using var wire = await WireServer.StartAsync([Echo()]);
        var (socket, head) = await OpenAsync(wire, "Sec-WebSocket-Protocol: tty\r\n");
        using var _ = socket;
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Protocol: tty\r\n", head, StringComparison.Ordinal);
        foreach (var text in (string[])["hello", new('x', 20000), "end"])
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
            Assert.Equal((WebSocketMessageType.Binary, text), await ReceiveAsync(socket, text.Length));
        }
    }

    [Fact]
    public async Task AClosingClientIsAnswered()
    {
        EchoProcess? process = null;
        await using var wire = await WireServer.StartAsync([Echo(made: made => process = made)]);
        var (socket, _) = await OpenAsync(wire);
        using var __ = socket;
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketState.Closed, socket.State);
        Assert.True(process!.InputEnded);
    }

    [Theory]
    [InlineData("", 400, "this is no request for a WebSocket")]
    [InlineData(Upgrade, 400, "this is no request for a WebSocket")]
    [InlineData(Upgrade + Key + "Origin: http://evil.example\r\n", 403, "a page of http://evil.example may not attach to containers of x")]
    public async Task RefusesOthers(string headers, int status, string message)
    {
        await using var wire = await WireServer.StartAsync([Echo()]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /echo HTTP/1.1\r\nHost: x\r\n{headers}\r\n"), TestContext.Current.CancellationToken);
        var answer = await WireServer.ReadUntilAsync(stream, "}");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(message, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AProgramThatNamesNoHostMay()
    {
        await using var wire = await WireServer.StartAsync([Echo()]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /echo HTTP/1.1\r\nHost: \r\n{Upgrade}{Key}Origin: http://localhost\r\n\r\n"), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 101 ", await WireServer.ReadUntilAsync(stream, "\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APageOfTheSameSiteMay()
    {
        await using var wire = await WireServer.StartAsync([Echo()]);
        var (socket, head) = await OpenAsync(wire, "Origin: http://x\r\n");
        socket.Dispose();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void FramesAreTakenOffWhereverTheyBegin(int size)
    {
        byte[] framed = [1, 0, 0, 0, 0, 0, 0, 2, (byte)'o', (byte)'k', 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 4, (byte)'f', (byte)'a', (byte)'i', (byte)'l'];
        var frames = new FrameContents();
        var text = new StringBuilder();
        foreach (var piece in framed.Chunk(size))
        {
            foreach (var content in frames.Of(piece))
                text.Append(Encoding.ASCII.GetString(content.Span));
        }
        Assert.Equal("okfail", text.ToString());
    }

    private static async Task<(WebSocket Socket, string Head)> OpenAsync(WireServer wire, string headers = "")
    {
        var stream = await wire.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /echo HTTP/1.1\r\nHost: x\r\n{Upgrade}{Key}{headers}\r\n"));
        var head = await WireServer.ReadUntilAsync(stream, "\r\n\r\n");
        return (WebSocket.CreateFromStream(stream, new WebSocketCreationOptions()), head);
    }

    private static async Task<(WebSocketMessageType, string)> ReceiveAsync(WebSocket socket, int length)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        WebSocketMessageType type;
        do
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            type = received.MessageType;
            text.Append(Encoding.ASCII.GetString(buffer, 0, received.Count));
        }
        while (text.Length < length);
        return (type, text.ToString());
    }
}
