using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>Engines and monitors that die: nothing is lost.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private ContainerOperations Containers => _host.Engine.Containers;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task ContainersOutliveTheEngine()
    {
        var running = await _host.CreateAsync("i=0; while :; do echo tick $((i=i+1)); sleep 0.1; done", spec => spec with { HostConfig = new HostConfig() });
        await Containers.StartAsync(running, Token);
        var before = await Containers.InspectAsync(running, false, Token);
        await _host.CloseAsync();
        await _host.OpenAsync();
        var after = await Containers.InspectAsync(running, false, Token);
        Assert.Equal(("running", before.State!.Pid, before.State.StartedAt), (after.State!.Status, after.State.Pid, after.State.StartedAt));
        Assert.Equal(before.NetworkSettings!.Networks!["bridge"].IPAddress, after.NetworkSettings!.Networks!["bridge"].IPAddress);
        var exec = await _host.Engine.Execs.CreateAsync(running, new Gantry.Engine.Exec.ExecCreateSpec { Cmd = ["echo", "still here"], AttachStdout = true }, Token);
        await using (var stream = (await _host.Engine.Execs.StartAsync(exec, new Gantry.Engine.Exec.ExecStartSpec(), Token))!)
            Assert.Equal("still here\n", await ContainerLifeTests.ReadFramesAsync(stream));
        await Containers.StopAsync(running, new StopRequest(TimeoutSeconds: 1), Token);
        var lines = (await _host.LogsAsync(running)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(i => $"tick {i}"), lines);
    }

    [Fact]
    public async Task AnExitWithoutTheEngineIsCollected()
    {
        var id = await _host.CreateAsync("sleep 0.5; exit 9");
        var removed = await _host.CreateAsync("sleep 0.5; exit 9", spec => spec with { HostConfig = spec.HostConfig! with { AutoRemove = true } });
        await Containers.StartAsync(id, Token);
        await Containers.StartAsync(removed, Token);
        var pids = new[] { id, removed }.Select(c => Containers.InspectAsync(c, false, Token).GetAwaiter().GetResult().State!.Pid).ToList();
        await _host.CloseAsync();
        await ContainerLifeTests.Eventually(() => Task.FromResult(pids.Any(pid => Directory.Exists($"/proc/{pid}"))), alive => !alive);
        await _host.OpenAsync();
        var state = (await Containers.InspectAsync(id, false, Token)).State!;
        Assert.Equal(("exited", 9L), (state.Status, state.ExitCode));
        await Assert.ThrowsAsync<GantryException>(() => Containers.InspectAsync(removed, false, Token));
    }

    [Fact]
    public async Task AMonitorThatIsKilledTakesOnlyItsContainer()
    {
        var (victim, other) = (await _host.CreateAsync("sleep 1000"), await _host.CreateAsync("sleep 1000"));
        await Containers.StartAsync(victim, Token);
        await Containers.StartAsync(other, Token);
        var pid = (await Containers.InspectAsync(victim, false, Token)).State!.Pid!.Value;
        var status = await File.ReadAllLinesAsync($"/proc/{pid}/status", Token);
        var monitor = int.Parse(status.Single(l => l.StartsWith("PPid:", StringComparison.Ordinal))[5..], global::System.Globalization.CultureInfo.InvariantCulture);
        using (var process = global::System.Diagnostics.Process.GetProcessById(monitor))
            process.Kill();
        var state = await ContainerLifeTests.Eventually(async () => (await Containers.InspectAsync(victim, false, Token)).State!, s => s.Status == "exited");
        Assert.Equal(137, state.ExitCode);
        await ContainerLifeTests.Eventually(() => Task.FromResult(Directory.Exists($"/proc/{pid}")), alive => !alive); // init reaps it
        Assert.Equal("running", (await Containers.InspectAsync(other, false, Token)).State!.Status);
    }

    [Fact]
    public async Task WhatCannotBeFreedIsNoReasonToBeWithoutAnEngine()
    {
        await _host.CloseAsync();
        var stray = Path.Combine(_host.DataRoot, "containers", new string('d', 64));
        Directory.CreateDirectory(Path.Combine(stray, "held"));
        (await Support.Command.RunAsync("mount", ["-t", "tmpfs", "held", Path.Combine(stray, "held")])).Succeeded();
        try
        {
            await _host.OpenAsync();
            Assert.True(Directory.Exists(stray));
        }
        finally
        {
            (await Support.Command.RunAsync("umount", [Path.Combine(stray, "held")])).Succeeded();
        }

        await Support.Eventually.HoldsAsync("it is freed later", () => Task.FromResult(!Directory.Exists(stray)));
    }

    [Fact]
    public async Task ARemovalThatFailsAtTheStartIsTriedAgain()
    {
        var id = await _host.CreateAsync("true");
        FailPoint.Arm("remove.row");
        await Assert.ThrowsAsync<GantryException>(() => Containers.RemoveAsync(id, new RemoveRequest(), Token));
        await _host.CloseAsync();
        await _host.OpenAsync();
        FailPoint.Arm(null);
        // Not "exited": it can be removed, and not be started.
        Assert.Equal("dead", (await Containers.InspectAsync(id, false, Token)).State!.Status);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<GantryException>(() => Containers.StartAsync(id, Token))).Kind);
        await Containers.RemoveAsync(id, new RemoveRequest(), Token);
        Assert.Equal(ErrorKind.NotFound, (await Assert.ThrowsAsync<GantryException>(() => Containers.InspectAsync(id, false, Token))).Kind);
    }
}
