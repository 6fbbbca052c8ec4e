using System.Net.Sockets;
using System.Text;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class HijackTests
{
    private static Route Echo(string method = "POST", bool terminal = true, Action<EchoProcess>? made = null) => new(method, "/echo", async exchange =>
    {
        await exchange.ReadJsonAsync<ExecStartRequest>();
        await using var process = new EchoProcess(terminal, "bye");
        made?.Invoke(process);
        var stream = await HijackedStream.TakeAsync(exchange, process.Terminal);
        await stream.PumpAsync(process, exchange.Requested);
    });

    [Theory]
    [InlineData("Connection: Upgrade\r\nUpgrade: tcp\r\n", "HTTP/1.1 101 UPGRADED\r\n")]
    [InlineData("", "HTTP/1.1 200 OK\r\n")]
    public async Task InputMayEndBeforeOutput(string headers, string status)
    {
        await using var wire = await WireServer.StartAsync([Echo()]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1.44/echo HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
        var head = await WireServer.ReadUntilAsync(stream, "\r\n\r\n");
        Assert.StartsWith(status, head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/vnd.docker.raw-stream\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", head, StringComparison.Ordinal);
        await stream.WriteAsync("hello"u8.ToArray());
        Assert.Equal("hello", await WireServer.ReadUntilAsync(stream, "hello"));
        stream.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye", await WireServer.ReadToEndAsync(stream));
    }

    [Fact]
    public async Task RequestsWithABodyAreUpgradedToo()
    {
        await using var wire = await WireServer.StartAsync([Echo()]);
        await using var stream = await wire.ConnectAsync();
        var body = """{"Detach":false,"Tty":true}""";
        // The first input comes in the same packet as the request.
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n{body}early"));
        var answer = await WireServer.ReadUntilAsync(stream, "early");
        Assert.StartsWith("HTTP/1.1 101 UPGRADED\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nearly", answer, StringComparison.Ordinal);
    }

    /// <summary>dockerode repeats the parameters of attach in a body, which no handler reads: it was the process's first input.</summary>
    [Fact]
    public async Task ABodyThatNobodyReadsIsNoInput()
    {
        await using var wire = await WireServer.StartAsync([new Route("POST", "/attach", async exchange =>
        {
            await using var process = new EchoProcess(terminal: true, "bye");
            var stream = await HijackedStream.TakeAsync(exchange, process.Terminal);
            await stream.PumpAsync(process, exchange.Requested);
        })]);
        await using var stream = await wire.ConnectAsync();
        var body = """{"stream":true,"stdin":true}""";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /attach HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n{body}early"));
        var answer = await WireServer.ReadUntilAsync(stream, "early");
        Assert.StartsWith("HTTP/1.1 101 UPGRADED\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nearly", answer, StringComparison.Ordinal);
    }

    /// <summary>docker-py reads the head through a buffer of 8 KiB and the rest past it: what comes with the head would be lost.</summary>
    [Fact]
    public async Task TheHeadIsAReadOfItsOwnHoweverLateTheClientReads()
    {
        var headSeen = new TaskCompletionSource();
        await using var wire = await WireServer.StartAsync([new Route("POST", "/early", async exchange =>
        {
            var stream = await HijackedStream.TakeAsync(exchange, terminal: true);
            await headSeen.Task;
            await stream.EndWithAsync("output", terminal: true);
        })]);
        await using var client = await wire.ConnectAsync();
        await client.WriteAsync("POST /early HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"u8.ToArray());
        await Eventually.HoldsAsync("the head", () => Task.FromResult(client.Socket.Available > 0));
        var headBytes = client.Socket.Available;
        headSeen.SetResult();
        await Eventually.HoldsAsync("the output", () => Task.FromResult(client.Socket.Available == headBytes + "output".Length));

        var buffer = new byte[8192];
        Assert.Equal(headBytes, await client.ReadAsync(buffer));
        Assert.EndsWith("\r\n\r\n", Encoding.ASCII.GetString(buffer, 0, headBytes), StringComparison.Ordinal);
        Assert.Equal("output", await WireServer.ReadToEndAsync(client));
    }

    [Fact]
    public async Task LargeStreamsArriveWhole()
    {
        await using var wire = await WireServer.StartAsync([Echo()]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync("POST /echo HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"u8.ToArray());
        await WireServer.ReadUntilAsync(stream, "\r\n\r\n");
        var sent = new byte[5 << 20];
        new Random(1).NextBytes(sent);
        var sending = Task.Run(async () =>
        {
            await stream.WriteAsync(sent);
            stream.Socket.Shutdown(SocketShutdown.Send);
        });
        var received = await WireServer.ReadToEndAsync(stream);
        await sending;
        Assert.Equal(sent.Length + 3, received.Length);
        Assert.Equal(Encoding.Latin1.GetString(sent), received[..^3]);
    }

    [Fact]
    public async Task AClientThatGoesAwayEndsThePump()
    {
        EchoProcess? process = null;
        await using var wire = await WireServer.StartAsync([Echo(made: p => process = p)]);
        await using (var stream = await wire.ConnectAsync())
        {
            await stream.WriteAsync("POST /echo HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"u8.ToArray());
            await WireServer.ReadUntilAsync(stream, "\r\n\r\n");
        }
        for (var i = 0; i < 200 && !process!.Disposed; i++)
            await Task.Delay(20);
        Assert.True(process!.Disposed);
    }

    [Fact]
    public async Task FramedStreamsSaySo()
    {
        await using var wire = await WireServer.StartAsync([Echo(terminal: false)]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync("POST /v1.42/echo HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"u8.ToArray());
        Assert.Contains("application/vnd.docker.multiplexed-stream", await WireServer.ReadUntilAsync(stream, "\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OlderClientsAreToldRaw()
    {
        await using var wire = await WireServer.StartAsync([Echo(terminal: false)]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync("POST /v1.41/echo HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"u8.ToArray());
        Assert.Contains("application/vnd.docker.raw-stream", await WireServer.ReadUntilAsync(stream, "\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheServerStopsWithAStreamOpen()
    {
        var wire = await WireServer.StartAsync([Echo()]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync("POST /echo HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"u8.ToArray());
        await WireServer.ReadUntilAsync(stream, "\r\n\r\n");
        await wire.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
    }
}
