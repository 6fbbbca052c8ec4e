using System.Buffers;
using System.Text;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Engine.Containers;
using Gantry.Engine.Images;
using Gantry.Engine.Logs;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class StreamTests
{
    private static LogEntry Entry(string text, bool stderr = false) => new()
    {
        Time = DateTimeOffset.UnixEpoch,
        Timestamp = "2024-01-02T03:04:05.12Z",
        IsStderr = stderr,
        Line = Encoding.UTF8.GetBytes(text),
        Attributes = new Dictionary<string, string> { ["b"] = "2", ["a"] = "x y" },
    };

    [Fact]
    public void LinesAreFramed()
    {
        var output = new ArrayBufferWriter<byte>();
        LogStream.Write(output, Entry("out\n"), terminal: false, timestamps: false, details: false);
        LogStream.Write(output, Entry("err\n", stderr: true), terminal: false, timestamps: false, details: false);
        Assert.Equal("\u0001\0\0\0\0\0\0\u0004out\n\u0002\0\0\0\0\0\0\u0004err\n", Encoding.Latin1.GetString(output.WrittenSpan));
    }

    /// <summary>An exec with a terminal, read by a client that asked for frames, and the other way round.</summary>
    [Fact]
    public async Task FramesAreAddedAndTakenAway()
    {
        var buffer = new byte[64];
        var inner = new EchoProcess(terminal: true, "");
        await using (var framing = new FramingStream(inner))
        {
            await framing.WriteAsync("hi\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            var count = await framing.ReadAsync(buffer, TestContext.Current.CancellationToken);
            Assert.Equal("\u0001\0\0\0\0\0\0\u0004hi\r\n", Encoding.Latin1.GetString(buffer, 0, count));
        }
        Assert.True(inner.Disposed);

        var framed = new EchoProcess(terminal: false, "");
        await using var unframing = new UnframingStream(framed);
        foreach (var piece in (string[])["\u0001\0\0", "\0\0\0\0\u0003", "on", "e", "\u0002\0\0\0\0\0\0\u0003", "two"])
            await unframing.WriteAsync(Encoding.Latin1.GetBytes(piece), TestContext.Current.CancellationToken);
        var text = "";
        while (text.Length < 6)
            text += Encoding.Latin1.GetString(buffer, 0, await unframing.ReadAsync(buffer, TestContext.Current.CancellationToken));
        Assert.Equal("onetwo", text);
    }

    [Fact]
    public void TerminalsAreRaw()
    {
        var output = new ArrayBufferWriter<byte>();
        LogStream.Write(output, Entry("out\r\n"), terminal: true, timestamps: false, details: false);
        Assert.Equal("out\r\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void TimesAndDetailsComeBeforeTheLine()
    {
        var output = new ArrayBufferWriter<byte>();
        LogStream.Write(output, Entry("x\n"), terminal: true, timestamps: true, details: true);
        Assert.Equal("2024-01-02T03:04:05.120000000Z a=x%20y,b=2 x\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public async Task LogsArriveBeforeTheyEnd()
    {
        var more = new TaskCompletionSource();
        async IAsyncEnumerable<LogEntry> Entries()
        {
            yield return Entry("first\n");
            await more.Task;
            yield return Entry("second\n");
        }
        await using var wire = await WireServer.StartAsync([new Route("GET", "/l", exchange => LogStream.WriteAsync(exchange, new ContainerLogs(true, Entries()), false, false))]);
        await using var stream = await wire.ConnectAsync();
        await stream.WriteAsync("GET /l HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.Contains("first", await WireServer.ReadUntilAsync(stream, "first"), StringComparison.Ordinal);
        more.SetResult();
        Assert.Contains("second", await WireServer.ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProgressIsSeparatedByCrLf()
    {
        var answer = await PullAsync((progress, _) =>
        {
            progress(new ImageProgress { Status = "a" });
            progress(new ImageProgress { Status = "b" });
            return Task.CompletedTask;
        });
        Assert.StartsWith("HTTP/1.1 200 OK", answer, StringComparison.Ordinal);
        Assert.Contains("{\"status\":\"a\"}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("{\"status\":\"b\"}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailureBeforeTheFirstObjectIsAnAnswer() =>
        Assert.StartsWith("HTTP/1.1 404", await PullAsync((_, _) => throw GantryException.Of(ErrorKind.NotFound, "no such image")), StringComparison.Ordinal);

    [Fact]
    public async Task AFailureAfterItIsTheLastObject()
    {
        var answer = await PullAsync(async (progress, _) =>
        {
            progress(new ImageProgress { Status = "a" });
            await Task.Delay(50);
            throw GantryException.Of(ErrorKind.Unavailable, "it broke");
        });
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("{\"errorDetail\":{\"message\":\"it broke\"},\"error\":\"it broke\"}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClientThatGoesAwayStopsThePull()
    {
        var stopped = new TaskCompletionSource();
        await using var wire = await WireServer.StartAsync([Pull(async (progress, cancellationToken) =>
        {
            progress(new ImageProgress { Status = "begun" });
            using var registration = cancellationToken.Register(() => stopped.TrySetResult());
            await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10));
        })]);
        await using (var stream = await wire.ConnectAsync())
        {
            await stream.WriteAsync("POST /p HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            await WireServer.ReadUntilAsync(stream, "begun");
        }
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static Route Pull(Func<Action<ImageProgress>, CancellationToken, Task> operation) => new("POST", "/p", exchange => ProgressStream.RunAsync(exchange, operation));

    private static async Task<string> PullAsync(Func<Action<ImageProgress>, CancellationToken, Task> operation)
    {
        await using var wire = await WireServer.StartAsync([Pull(operation)]);
        return await wire.AskAsync("POST", "/p");
    }
}
