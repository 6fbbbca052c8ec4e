using System.Diagnostics;
using System.Globalization;
using Gantry.Engine.Monitors;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Monitors;

/// <summary>Engines that go, monitors that are killed, monitors that wait.</summary>
public sealed class MonitorLifeTests : IAsyncLifetime
{
    private readonly MonitorFixture _box = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task Reconnect_NothingIsLost()
    {
        var (first, stream) = await _box.RunAsync("i=0; while [ $i -lt 200 ]; do echo $i; i=$((i+1)); sleep 0.01; done; exit 5");
        await first.ExecAsync(new MonitorExecRequest { ExecId = "e", Process = Runtime.Bundle.Shell("exit 9").Process! }, null, null, _box.Deadline);
        await stream.DisposeAsync();
        await first.DisposeAsync(); // all that a monitor sees of an engine that was killed
        await Eventually.HoldsAsync("output goes on", () => Task.FromResult(_box.Log(first).Contains("50\n", StringComparison.Ordinal)));

        await using var pool = _box.NewPool(warm: 0);
        await using var second = await pool.ReconnectAsync(first.ContainerId, _box.Deadline);
        Assert.NotNull(second);
        var state = await second.GetStateAsync(_box.Deadline);
        Assert.Equal(MonitorStatus.Running, state.Status);
        Assert.True(state.Pid > 0);
        Assert.NotNull(state.StartedAt);
        Assert.Equal(9, await second.WaitExecAsync("e", _box.Deadline));
        Assert.Equal(5, (await second.WaitAsync(_box.Deadline)).ExitCode);
        Assert.Equal(string.Concat(Enumerable.Range(0, 200).Select(i => $"{i}\n")), _box.Log(first));
        await second.CloseAsync(_box.Deadline);
        Assert.Null(await pool.ReconnectAsync(first.ContainerId, _box.Deadline));
    }

    [Fact]
    public async Task Reconnect_AfterTheEndGivesTheExit()
    {
        var (first, stream) = await _box.RunAsync("read line; exit 4", stdin: true);
        await first.DisposeAsync();
        await stream.WriteAsync("go\n"u8.ToArray(), _box.Deadline);
        await _box.CollectAsync(stream);
        await using var second = await _box.Pool.ReconnectAsync(first.ContainerId, _box.Deadline);

        Assert.Equal(4, (await second!.WaitAsync(_box.Deadline)).ExitCode);
        await second.CloseAsync(_box.Deadline);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_MonitorTakesItsContainerAlongAndIsRecorded(bool paused)
    {
        var (client, _) = await _box.RunAsync("sleep 1000");
        if (paused)
            await client.PauseAsync(_box.Deadline);
        var pid = (await client.GetStateAsync(_box.Deadline)).Pid;
        using var init = Processes.FindPidFd(pid)!;
        Processes.TryKill(client.MonitorPid, Processes.SIGKILL);
        var exit = await client.WaitAsync(_box.Deadline);

        Assert.Equal(137, exit.ExitCode);
        Assert.True(Processes.WaitForEnd(init, 0));
        Assert.Empty(_box.CgroupsLeft());
        Assert.Equal(exit, await _box.Pool.ReadExitAsync(client.ContainerId, _box.Deadline));
        Assert.Null(await _box.Pool.ReconnectAsync(client.ContainerId, _box.Deadline));
        await Eventually.HoldsAsync("the engine is told what ended the monitor", () => Task.FromResult(_box.HasComplained($"the monitor of container {client.ContainerId.Short} (process {client.MonitorPid}) was ended by SIGKILL")));
    }

    [Fact]
    public async Task Signals_OfADyingSessionAreIgnored()
    {
        var (client, _) = await _box.RunAsync("sleep 1000");
        foreach (var signal in new[] { Processes.SIGHUP, Processes.SIGINT, Processes.SIGTERM })
            Processes.TryKill(client.MonitorPid, signal);

        Assert.Equal(MonitorStatus.Running, (await client.GetStateAsync(_box.Deadline)).Status);
    }

    [Fact]
    public async Task Close_OfACreatedContainerLeavesNothing()
    {
        var client = await _box.StartMonitorAsync();
        var pid = await client.CreateAsync(_box.Shell(client, "true"), [], _box.Deadline);
        using var init = Processes.FindPidFd(pid)!;
        await client.CloseAsync(_box.Deadline);

        Assert.True(Processes.WaitForEnd(init, 5000));
        Assert.Empty(_box.CgroupsLeft());
        Assert.Empty(Directory.GetFiles(_box.Pool.DirectoryOf(client.ContainerId)));
    }

    [Fact]
    public async Task Restart_InTheSameDirectoryForgetsTheOldExit()
    {
        var id = ContainerId.New();
        for (var round = 0; round < 2; round++)
        {
            await using var client = await _box.Pool.StartAsync(id, _box.Deadline);
            Assert.Null(await _box.Pool.ReadExitAsync(id, _box.Deadline));
            await client.CreateAsync(_box.Shell(client, $"exit {round}"), [], _box.Deadline);
            await client.StartAsync(_box.Deadline);
            Assert.Equal(round, (await client.WaitAsync(_box.Deadline)).ExitCode);
            await client.CloseAsync(_box.Deadline);
        }
    }

    [Fact]
    public async Task WarmMonitors_AreUsedRefilledAndEndWithThePool()
    {
        var pool = _box.NewPool(warm: 2);
        var client = await pool.StartAsync(ContainerId.New(), _box.Deadline);
        await client.CreateAsync(_box.Shell(client, "sleep 1000"), [], _box.Deadline);
        await client.StartAsync(_box.Deadline);
        await Eventually.HoldsAsync("two more are warm", () => Task.FromResult(MonitorsOf(Environment.ProcessId).Count == 3));
        await pool.DisposeAsync();

        Assert.Equal([client.MonitorPid], MonitorsOf(Environment.ProcessId));
        await client.CloseAsync(_box.Deadline);
        await client.DisposeAsync();
        await Eventually.HoldsAsync("the monitor is reaped", () => Task.FromResult(MonitorsOf(Environment.ProcessId).Count == 0));
    }

    [Fact]
    public async Task Cost_OfAMonitorAndOfALaunch()
    {
        await using var pool = _box.NewPool(warm: 1);
        var times = new List<(double Bind, double Create, double Start, double Exit, double All)>();
        var work = new List<(double Bind, double Create, double Start)>();
        for (var round = 0; round < 30; round++)
        {
            await Task.Delay(30, _box.Deadline);
            var clock = Stopwatch.StartNew();
            await using var client = await pool.StartAsync(ContainerId.New(), _box.Deadline);
            var bind = clock.Elapsed.TotalMilliseconds;
            var afterBind = CpuMs(client.MonitorPid);
            await client.CreateAsync(_box.Shell(client, "", config => config with { Process = config.Process! with { Args = ["/bin/true"] } }), [], _box.Deadline);
            var create = clock.Elapsed.TotalMilliseconds;
            var afterCreate = CpuMs(client.MonitorPid);
            await client.StartAsync(_box.Deadline);
            var start = clock.Elapsed.TotalMilliseconds;
            await client.WaitAsync(_box.Deadline);
            var exit = clock.Elapsed.TotalMilliseconds;
            work.Add((afterBind, afterCreate - afterBind, CpuMs(client.MonitorPid) - afterCreate));
            await client.CloseAsync(_box.Deadline);
            times.Add((bind, create - bind, start - create, exit - start, clock.Elapsed.TotalMilliseconds));
        }
        var (running, _) = await _box.RunAsync("sleep 1000");
        // Shared pages are counted by how many share them, so a lone monitor weighs most.
        await Eventually.HoldsAsync("a running monitor gives back what its launch took: its PSS is at most 3 MiB", () => Task.FromResult(PssKilobytes(running.MonitorPid) <= 3 * 1024));
        var pss = File.ReadLines($"/proc/{running.MonitorPid}/smaps_rollup").Where(line => line.StartsWith("Pss", StringComparison.Ordinal) || line.StartsWith("Private", StringComparison.Ordinal));
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"median of 30, ms: bind {Median(times, t => t.Bind)}, create {Median(times, t => t.Create)}, start {Median(times, t => t.Start)}, exit {Median(times, t => t.Exit)}, with close {Median(times, t => t.All)}");
        output.WriteLine($"the monitor's own processor time, ms: up to bind {Median(work, w => w.Bind)}, create {Median(work, w => w.Create)}, start to exit {Median(work, w => w.Start)}");
        output.WriteLine(string.Join("; ", pss.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))));
        output.WriteLine($"threads: {Directory.GetDirectories($"/proc/{running.MonitorPid}/task").Length}");

    }

    /// <summary>What the main thread has run so far: unlike the clock's time it says something on a busy machine.</summary>
    private static double CpuMs(int pid) => long.Parse(File.ReadAllText($"/proc/{pid}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1e6;

    private static int PssKilobytes(int pid) =>
        int.Parse(File.ReadLines($"/proc/{pid}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static string Median<T>(List<T> values, Func<T, double> pick) => values.Select(pick).Order().ElementAt(values.Count / 2).ToString("0.0", CultureInfo.InvariantCulture);

    private static List<int> MonitorsOf(int parent) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(pid => IsMonitorOf(pid, parent)).Order()];

    private static bool IsMonitorOf(int pid, int parent)
    {
        try
        {
            var fields = File.ReadAllText($"/proc/{pid}/stat");
            return fields.Contains("(gantry-monitor)", StringComparison.Ordinal) && fields[(fields.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
