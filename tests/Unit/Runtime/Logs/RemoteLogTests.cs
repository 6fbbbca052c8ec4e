using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model.Monitor;
using Gantry.Runtime.Logs;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Logs;

public sealed class RemoteLogTests : IDisposable
{
    private static readonly DateTimeOffset Moment = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gantry-syslog-");
    private readonly EpollLoop _loop = new();

    public void Dispose()
    {
        _loop.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("", false, "<30>Jan  2 04:04:05 web[7]: hello\n")]
    [InlineData("rfc3164", true, "<27>Jan  2 04:04:05 host web[7]: hello\n")]
    [InlineData("rfc5424", false, "<30>1 2026-01-02T04:04:05+01:00 host web 7 web - hello\n")]
    [InlineData("rfc5424micro", true, "<27>1 2026-01-02T04:04:05.678000+01:00 host web 7 web - hello\n")]
    public void SyslogIsWrittenAsDockerWritesIt(string format, bool isStderr, string message)
    {
        var to = new ArrayBufferWriter<byte>();
        var target = Target("udp", "", 0) with { Format = format, UtcOffsetMinutes = 60 };
        new SyslogFormat(target, 7).Write(to, "hello"u8, isStderr, isWhole: true, Moment);
        Assert.Equal(message, Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void JournalEntriesHaveFields()
    {
        var to = new ArrayBufferWriter<byte>();
        new JournalFormat(Target("journal", "", 0) with { Fields = new Dictionary<string, string> { ["CONTAINER_NAME"] = "web", ["TWO"] = "a\nb" } })
            .Write(to, "hello"u8, isStderr: true, isWhole: false, Moment);
        Assert.Equal(
            "MESSAGE=hello\nPRIORITY=3\nCONTAINER_PARTIAL_MESSAGE=true\nSYSLOG_TIMESTAMP=2026-01-02T03:04:05.678000000Z\nCONTAINER_NAME=web\nTWO\n\u0003\0\0\0\0\0\0\0a\nb\n",
            Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void DatagramsCarryALineEach()
    {
        var path = Path.Combine(_directory.FullName, "log");
        using var server = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(path));
        using var log = new RemoteLog(Target("unixgram", path, 0), _loop, TimeProvider.System);
        log.Write("one\ntw"u8, isStderr: false);
        log.Write("o\nthree"u8, isStderr: false);
        log.Finish();

        var buffer = new byte[4096];
        foreach (var line in (string[])["one", "two", "three"])
            Assert.EndsWith($"web[{Environment.ProcessId}]: {line}\n", Encoding.UTF8.GetString(buffer, 0, server.Receive(buffer)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ASlowServerHoldsTheContainerUpOrLosesLines(bool drops)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var log = new RemoteLog(Target("tcp", "127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port) with { BufferBytes = 100_000, DropWhenFull = drops }, _loop, TimeProvider.System);
        var caughtUp = 0;
        log.WhenCaughtUp(() => caughtUp++);
        using var connection = await server.AcceptTcpClientAsync();
        var line = Encoding.UTF8.GetBytes(new string('x', 999) + "\n");
        var sent = 0;
        while (!log.IsBehind && sent < 50_000)
        {
            log.Write(line, isStderr: false);
            sent++;
        }
        Assert.Equal(drops, sent == 50_000);

        // The server reads, and what was held arrives: all of it, or what there was room for.
        var received = 0;
        var reading = Task.Run(async () =>
        {
            using var reader = new StreamReader(connection.GetStream());
            while (await reader.ReadLineAsync() is { } text)
            {
                Assert.EndsWith(": " + new string('x', 999), text, StringComparison.Ordinal);
                received++;
            }
        });
        while (!drops && log.IsBehind)
            _loop.RunOnce(1000);
        log.Finish();
        log.Dispose();
        await reading;
        Assert.Equal(drops ? 0 : 1, caughtUp);
        if (drops)
            Assert.InRange(received, 100, 49_999);
        else
            Assert.Equal(sent, received);
    }

    [Fact]
    public async Task AServerThatWentAwayIsFoundAgain()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        var port = ((IPEndPoint)first.LocalEndpoint).Port;
        using var log = new RemoteLog(Target("tcp", "127.0.0.1", port), _loop, TimeProvider.System);
        (await first.AcceptTcpClientAsync()).Close();
        first.Stop();
        for (var i = 0; i < 3; i++)
            log.Write("lost or kept\n"u8, isStderr: false);

        using var second = new TcpListener(IPAddress.Loopback, port);
        second.Start();
        var accepted = second.AcceptTcpClientAsync();
        while (!accepted.IsCompleted)
            _loop.RunOnce(100);
        log.Write("again\n"u8, isStderr: false);
        log.Finish();
        log.Dispose();
        using var reader = new StreamReader((await accepted).GetStream());
        Assert.EndsWith("again", (await reader.ReadToEndAsync()).Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void NobodyThereIsAnError()
    {
        var failure = Assert.Throws<SyscallException>(() => new RemoteLog(Target("unixgram", Path.Combine(_directory.FullName, "absent"), 0), _loop, TimeProvider.System));
        Assert.Contains("ENOENT", failure.Message, StringComparison.Ordinal);
    }

    private static MonitorRemoteLog Target(string protocol, string address, int port) =>
        new() { Protocol = protocol, Address = address, Port = port, Facility = 3, Tag = "web", Hostname = "host" };
}
