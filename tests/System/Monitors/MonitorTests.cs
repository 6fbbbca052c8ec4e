using System.Diagnostics;
using System.Text;
using Gantry.Engine.Monitors;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.System.Monitors;

/// <summary>The published monitor with real containers, from the engine's side.</summary>
public sealed class MonitorTests : IAsyncLifetime
{
    private readonly MonitorFixture _box = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task Run_OutputGoesToClientAndLogAndExitToDisk()
    {
        var (client, stream) = await _box.RunAsync("echo out; echo err >&2; exit 7");

        Assert.Equal(("out\n", "err\n"), await _box.CollectAsync(stream));
        var exit = await client.WaitAsync(_box.Deadline);
        Assert.Equal((7, false), (exit.ExitCode, exit.OomKilled));
        Assert.Equal(exit, await _box.Pool.ReadExitAsync(client.ContainerId, _box.Deadline));
        Assert.Contains("out\n", _box.Log(client), StringComparison.Ordinal);
        Assert.Contains("err\n", _box.Log(client), StringComparison.Ordinal);
        await client.CloseAsync(_box.Deadline);
        Assert.Equal(["exit.json"], Directory.GetFileSystemEntries(_box.Pool.DirectoryOf(client.ContainerId)).Select(Path.GetFileName));
        await Support.Eventually.HoldsAsync("the control group is gone", () => Task.FromResult(!_box.CgroupsLeft().Any()));
        _box.Pool.RemoveDirectory(client.ContainerId);
    }

    [Fact]
    public async Task Attach_AfterTheEndIsAtItsEnd()
    {
        var (client, first) = await _box.RunAsync("exit 3");
        Assert.Equal(3, (await client.WaitAsync(_box.Deadline)).ExitCode);
        await _box.CollectAsync(first);
        var late = MonitorStream.Create();
        await client.AttachAsync(new MonitorAttachRequest { Stdout = true, Stderr = true }, late, _box.Deadline);

        Assert.Equal(("", ""), await _box.CollectAsync(late));
    }

    [Fact]
    public async Task Stdin_HalfCloseEndsIt()
    {
        var (client, stream) = await _box.RunAsync("cat; echo end", stdin: true);
        await stream.WriteAsync("one\ntwo"u8.ToArray(), _box.Deadline);
        stream.CloseWrite();

        Assert.Equal(("one\ntwoend\n", ""), await _box.CollectAsync(stream));
        Assert.Equal(0, (await client.WaitAsync(_box.Deadline)).ExitCode);
    }

    [Fact]
    public async Task Output_HundredMebibytesArriveWhole()
    {
        var line = string.Concat(Enumerable.Range(0, 15).Select(i => $"word{i:00} ")) + "\n";
        var text = new StringBuilder();
        while (text.Length < 10 << 20)
            text.Append(line);
        await File.WriteAllTextAsync(Path.Combine(_box.Rootfs, "data", "text"), text.ToString(), _box.Deadline);
        var clock = Stopwatch.StartNew();
        var (client, stream) = await _box.RunAsync("for i in 1 2 3 4 5 6 7 8 9 10; do cat /data/text; done");

        var (stdout, stderr) = await _box.CollectAsync(stream);
        TestContext.Current.TestOutputHelper?.WriteLine($"100 MiB to log and client in {clock.ElapsedMilliseconds} ms");
        Assert.Equal((10 * text.Length, ""), (stdout.Length, stderr));
        Assert.Equal(10 * text.Length / line.Length, File.ReadLines(_box.LogOf(client.ContainerId)).Count());
        Assert.Equal(0, (await client.WaitAsync(_box.Deadline)).ExitCode);
    }

    [Fact]
    public async Task Start_MissingCommandIsTypedAndLeavesNothing()
    {
        var client = await _box.StartMonitorAsync();
        var request = _box.Shell(client, "", config => config with { Process = config.Process! with { Args = ["no-such-command"] } });
        var error = await Assert.ThrowsAsync<GantryException>(async () =>
        {
            await client.CreateAsync(request, [], _box.Deadline);
            await client.StartAsync(_box.Deadline);
        });

        Assert.Equal(new LaunchFailure(LaunchStage.Exec, 2), error.Launch);
        Assert.Contains("exec: \"no-such-command\": executable file not found in $PATH", error.Message, StringComparison.Ordinal);
        Assert.Empty(_box.CgroupsLeft());
        Assert.Null(await _box.Pool.ReadExitAsync(client.ContainerId, _box.Deadline));
    }

    [Fact]
    public async Task Create_MissingRootIsTypedAndLeavesNothing()
    {
        var client = await _box.StartMonitorAsync();
        var request = _box.Shell(client, "true", config => config with { Root = new RuntimeRoot { Path = "/nonexistent/root" } });
        var error = await Assert.ThrowsAsync<GantryException>(() => client.CreateAsync(request, [], _box.Deadline));

        Assert.Contains("/nonexistent/root", error.Message, StringComparison.Ordinal);
        Assert.Empty(_box.CgroupsLeft());
        Assert.Equal(MonitorStatus.Empty, (await client.GetStateAsync(_box.Deadline)).Status);
    }

    [Fact]
    public async Task Kill_SignalBecomesTheExitCode()
    {
        var (client, _) = await _box.RunAsync("trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done");
        await WaitForLogAsync(client, "ready\n");
        await client.KillAsync(Processes.SIGTERM, _box.Deadline);

        Assert.Equal(42, (await client.WaitAsync(_box.Deadline)).ExitCode);
    }

    [Fact]
    public async Task KillAll_EndsEverything()
    {
        var (client, _) = await _box.RunAsync("sleep 1000 & sleep 1000");
        await client.KillAllAsync(_box.Deadline);

        Assert.Equal(137, (await client.WaitAsync(_box.Deadline)).ExitCode);
    }

    [Fact]
    public async Task Kill_OfOneThatHasJustEndedIsNoError()
    {
        var (client, _) = await _box.RunAsync("exit 5");
        Assert.Equal(5, (await client.WaitAsync(_box.Deadline)).ExitCode);
        await client.KillAsync(Processes.SIGTERM, _box.Deadline);
        await client.KillAllAsync(_box.Deadline);

        Assert.Equal(5, (await client.WaitAsync(_box.Deadline)).ExitCode);
    }

    [Fact]
    public async Task Exec_SeveralAtOnceWithTheirOwnStreamsAndCodes()
    {
        var (client, _) = await _box.RunAsync("sleep 1000");
        var runs = Enumerable.Range(0, 8).Select(async i =>
        {
            var stream = MonitorStream.Create();
            var pid = await client.ExecAsync(Exec($"e{i}", $"cat; echo exec {i}; echo err {i} >&2; exit {i}", stdin: true), stream, null, _box.Deadline);
            Assert.True(pid > 0);
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"in {i}\n"), _box.Deadline);
            stream.CloseWrite();
            var output = await _box.CollectAsync(stream);
            return (output, Code: await client.WaitExecAsync($"e{i}", _box.Deadline));
        }).ToArray();
        var results = await Task.WhenAll(runs);

        for (var i = 0; i < results.Length; i++)
            Assert.Equal((($"in {i}\nexec {i}\n", $"err {i}\n"), i), results[i]);
        await client.KillAllAsync(_box.Deadline);
    }

    [Fact]
    public async Task Exec_MissingCommandIsTyped()
    {
        var (client, _) = await _box.RunAsync("sleep 1000");
        var request = Exec("e", "") with { Process = Exec("e", "").Process with { Args = ["no-such-command"] } };
        var error = await Assert.ThrowsAsync<GantryException>(() => client.ExecAsync(request, null, null, _box.Deadline));

        Assert.Equal(new LaunchFailure(LaunchStage.Exec, 2), error.Launch);
        Assert.Equal(MonitorStatus.Running, (await client.GetStateAsync(_box.Deadline)).Status);
    }

    [Fact]
    public async Task Exec_EndsWithTheContainer()
    {
        var (client, _) = await _box.RunAsync("sleep 1000");
        var stream = MonitorStream.Create();
        await client.ExecAsync(Exec("e", "sleep 1000"), stream, null, _box.Deadline);
        await client.KillAsync(Processes.SIGKILL, _box.Deadline);

        Assert.Equal(("", ""), await _box.CollectAsync(stream));
        Assert.Equal(137, await client.WaitExecAsync("e", _box.Deadline));
        Assert.Equal(137, (await client.WaitAsync(_box.Deadline)).ExitCode);
    }

    [Fact]
    public async Task Terminal_HasASizeAndEchoes()
    {
        var (client, stream) = await _box.RunAsync(
            "tty; stty size; read line; stty size; echo got $line",
            config => config with { Process = config.Process! with { Terminal = true, ConsoleSize = new ConsoleSize { Height = 24, Width = 80 } } },
            stdin: true);
        await WaitForLogAsync(client, "80");
        await client.ResizeAsync(null, 40, 132, _box.Deadline);
        await stream.WriteAsync("hello\n"u8.ToArray(), _box.Deadline);
        var output = Encoding.UTF8.GetString(await _box.RawAsync(stream));

        Assert.Equal("/dev/pts/0\r\n24 80\r\nhello\r\n40 132\r\ngot hello\r\n", output);
        Assert.Equal(output, _box.Log(client));
    }

    [Fact]
    public async Task Terminal_DetachKeysEndTheClientOnly()
    {
        var client = await _box.StartMonitorAsync();
        var stream = MonitorStream.Create(new byte[] { 16, 17 });
        await client.CreateAsync(_box.Shell(client, "cat", config => config with { Process = config.Process! with { Terminal = true } }, stdin: true), [], _box.Deadline);
        await client.AttachAsync(new MonitorAttachRequest { Stdin = true, Stdout = true }, stream, _box.Deadline);
        await client.StartAsync(_box.Deadline);
        await stream.WriteAsync(new byte[] { (byte)'a', 16, 17 }, _box.Deadline);

        Assert.True(stream.Detached);
        Assert.Equal(0, await stream.ReadAsync(new byte[10], _box.Deadline));
        Assert.Equal(MonitorStatus.Running, (await client.GetStateAsync(_box.Deadline)).Status);
    }

    [Fact]
    public async Task Pause_StopsAndResumeGoesOn()
    {
        var (client, _) = await _box.RunAsync("i=0; while :; do echo $i; i=$((i+1)); sleep 0.02; done");
        await WaitForLogAsync(client, "3\n");
        await client.PauseAsync(_box.Deadline);
        Assert.Equal(MonitorStatus.Paused, (await client.GetStateAsync(_box.Deadline)).Status);
        var before = new FileInfo(_box.LogOf(client.ContainerId)).Length;
        await Task.Delay(150, _box.Deadline);
        Assert.Equal(before, new FileInfo(_box.LogOf(client.ContainerId)).Length);
        await client.ResumeAsync(_box.Deadline);
        await Support.Eventually.HoldsAsync("the log grows", () => Task.FromResult(new FileInfo(_box.LogOf(client.ContainerId)).Length > before));
        await client.PauseAsync(_box.Deadline);
        await client.KillAsync(Processes.SIGKILL, _box.Deadline);

        Assert.Equal(137, (await client.WaitAsync(_box.Deadline)).ExitCode);
    }

    [Fact]
    public async Task OutOfMemory_IsRecorded()
    {
        var (client, stream) = await _box.RunAsync(
            "exec dd if=/dev/zero of=/dev/null bs=200M count=1",
            config => config with { Linux = config.Linux! with { Resources = new LinuxResources { Memory = new LinuxMemory { Limit = 24 << 20, Swap = 24 << 20 } } } });
        await _box.CollectAsync(stream);
        var exit = await client.WaitAsync(_box.Deadline);

        Assert.Equal((137, true), (exit.ExitCode, exit.OomKilled));
    }

    private static MonitorExecRequest Exec(string id, string script, bool stdin = false) => new()
    {
        ExecId = id,
        OpenStdin = stdin,
        Process = Runtime.Bundle.Shell(script).Process!,
    };

    private Task WaitForLogAsync(MonitorClient client, string text) =>
        Support.Eventually.HoldsAsync($"\"{text}\" in the log", () => Task.FromResult(File.Exists(_box.LogOf(client.ContainerId)) && _box.Log(client).Contains(text, StringComparison.Ordinal)));
}
