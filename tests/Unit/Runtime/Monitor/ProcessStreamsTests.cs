using System.Buffers.Binary;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model.Monitor;
using Gantry.Runtime.Monitor;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Monitor;

/// <summary>The monitor's streams around a plain process of the host, which stands in for a container's.</summary>
public sealed class ProcessStreamsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gantry-monitor-");
    private readonly EpollLoop _loop = new();
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        _loop.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Attach_BeforeBeginMissesNothing()
    {
        var streams = Make(openStdin: false);
        var client = Attach(streams, stdin: false);
        Run(streams, "echo out; echo err >&2; echo more");

        Assert.Equal(("out\nmore\n", "err\n"), Collect(client));
    }

    [Fact]
    public void Attach_AfterTheEndIsAtItsEnd()
    {
        var streams = Make(openStdin: false);
        Run(streams, "true");
        var client = Attach(streams, stdin: false);

        Assert.Equal(("", ""), Collect(client));
    }

    [Fact]
    public void Stdin_HalfCloseReachesTheProcess()
    {
        var streams = Make(openStdin: true);
        var client = Attach(streams, stdin: true);
        Files.WriteAll(client, "one two\n"u8);
        Sockets.ShutdownWrite(client);
        Run(streams, "cat; echo done");

        Assert.Equal(("one two\ndone\n", ""), Collect(client));
    }

    [Fact]
    public void Stdin_OfAClientThatWentAwayIsStillDelivered()
    {
        var streams = Make(openStdin: true);
        var client = Attach(streams, stdin: true);
        Pipes.SetNonBlocking(client);
        var bytes = new byte[150_000]; // more than the pipe holds, less than the socket
        Assert.Equal(bytes.Length, Files.TryWrite(client, bytes));
        client.Dispose();
        var reader = Attach(streams, stdin: false);
        Run(streams, "wc -c");

        Assert.Equal(("150000\n", ""), Collect(reader));
    }

    [Fact]
    public void Stdin_ProcessThatReadsNothingIsNoHarm()
    {
        var streams = Make(openStdin: true);
        var client = Attach(streams, stdin: true);
        Pipes.SetNonBlocking(client);
        Files.TryWrite(client, new byte[150_000]);
        Run(streams, "exec <&-; echo ok");

        Assert.Equal(("ok\n", ""), Collect(client));
    }

    [Fact]
    public async Task Output_GoesWholeToLogAndAllClients()
    {
        const int lines = 60_000;
        var path = Path.Combine(_directory.FullName, "log");
        var log = ContainerLog.Open(new MonitorLogOptions { Path = path }, TimeProvider.System);
        _owned.Add(log);
        var streams = Make(openStdin: false, log);
        var clients = new[] { Attach(streams, stdin: false), Attach(streams, stdin: false) };
        var collected = clients.Select(client => Task.Run(() => Collect(client))).ToArray();
        Run(streams, $"seq 1 {lines}");
        log.Finish();

        var expected = string.Concat(Enumerable.Range(1, lines).Select(i => $"{i}\n"));
        foreach (var output in collected)
            Assert.Equal((expected, ""), await output);
        Assert.Equal(lines, File.ReadLines(path).Count());
    }

    [Fact]
    public async Task SlowClient_HoldsTheProcessBackAndLosesNothing()
    {
        var streams = Make(openStdin: false);
        var client = Attach(streams, stdin: false);
        var process = Begin(streams, "head -c 3000000 /dev/zero; echo >&2 end");
        for (var i = 0; i < 100; i++)
            _loop.RunOnce(10);
        Assert.False(Processes.WaitForEnd(process, 0)); // held back
        var collected = Task.Run(() => Collect(client));
        Finish(streams, process);

        var (stdout, stderr) = await collected;
        Assert.Equal((3_000_000, "end\n"), (stdout.Length, stderr));
    }

    [Fact]
    public void SlowClient_ThatDiesStopsNobody()
    {
        var streams = Make(openStdin: false);
        var client = Attach(streams, stdin: false);
        var process = Begin(streams, "head -c 3000000 /dev/zero");
        for (var i = 0; i < 100; i++)
            _loop.RunOnce(10);
        Assert.False(Processes.WaitForEnd(process, 0));
        client.Dispose();
        Finish(streams, process);

        Assert.False(streams.HasClients);
    }

    [Fact]
    public void End_DoesNotWaitForAChildThatHoldsThePipe()
    {
        var streams = Make(openStdin: false);
        var client = Attach(streams, stdin: false);
        Run(streams, "echo first; (sleep 60 >&1 & echo $! > " + Path.Combine(_directory.FullName, "pid") + ")", atEnd: false);
        Processes.TryKill(int.Parse(File.ReadAllText(Path.Combine(_directory.FullName, "pid"))), Processes.SIGKILL);

        Assert.Equal(("first\n", ""), Collect(client));
    }

    private ProcessStreams Make(bool openStdin, ContainerLog? log = null)
    {
        var streams = new ProcessStreams(_loop, new StreamOptions(Terminal: false, openStdin, StdinOnce: true), log);
        _owned.Add(streams);
        return streams;
    }

    private Fd Attach(ProcessStreams streams, bool stdin)
    {
        var (near, far) = Sockets.OpenPair();
        _owned.Add(near);
        streams.Attach(far, stdin, stdout: true, stderr: true);
        return near;
    }

    private Fd Begin(ProcessStreams streams, string script)
    {
        var (_, process) = Spawn.Start("/bin/sh", ["sh", "-c", script], ["PATH=/usr/bin:/bin"], [streams.Child.Input!, streams.Child.Output!, streams.Child.Error!]);
        _owned.Add(process);
        streams.Begin(terminal: null);
        return process;
    }

    private void Run(ProcessStreams streams, string script, bool atEnd = true) => Finish(streams, Begin(streams, script), atEnd);

    private void Finish(ProcessStreams streams, Fd process, bool atEnd = true)
    {
        var deadline = Environment.TickCount64 + 30_000;
        while (!Processes.WaitForEnd(process, 0) && Environment.TickCount64 < deadline)
            _loop.RunOnce(20);
        Assert.NotNull(Reap(process));
        streams.Drain();
        Assert.Equal(atEnd, streams.IsAtEnd);
        streams.End();
        while (streams.HasClients && Environment.TickCount64 < deadline)
            _loop.RunOnce(20);
    }

    private static ProcessExit? Reap(Fd process)
    {
        Processes.TryWait(process, block: false, out var exit);
        return exit;
    }

    private static (string Stdout, string Stderr) Collect(Fd client)
    {
        var bytes = new List<byte>();
        var buffer = new byte[65536];
        Pipes.SetNonBlocking(client, nonBlocking: false);
        for (var count = Files.TryRead(client, buffer); count > 0; count = Files.TryRead(client, buffer))
            bytes.AddRange(buffer.AsSpan(0, count));
        StringBuilder stdout = new(), stderr = new();
        var all = bytes.ToArray().AsSpan();
        while (all.Length > 0)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(all[4..]);
            (all[0] == 1 ? stdout : stderr).Append(Encoding.Latin1.GetString(all.Slice(8, length)));
            all = all[(8 + length)..];
        }
        return (stdout.ToString(), stderr.ToString());
    }
}
