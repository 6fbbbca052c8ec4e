using Gantry.Engine.Containers;
using Gantry.Engine.Exec;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>What is told of a container's life, in the order and with the attributes of Docker.</summary>
public sealed class EventTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private ContainerOperations Containers => _host.Engine.Containers;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>The same steps on dockerd 20.10 give these events; only what it adds later (execDuration) is more.</summary>
    [Fact]
    public async Task ALifeIsToldAsDockerTellsIt()
    {
        var since = TimeProvider.System.GetUtcNow();
        var id = await _host.CreateAsync("trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done", spec => spec with
        {
            Name = "ev",
            Config = spec.Config with { Labels = new Dictionary<string, string> { ["a"] = "b" } },
            HostConfig = new HostConfig { Binds = ["evvol:/v"] },
        });
        await Containers.StartAsync(id, Token);
        await Eventually.HoldsAsync("it listens", async () => (await _host.LogsAsync(id)).Contains("ready", StringComparison.Ordinal));
        var exec = await _host.Engine.Execs.CreateAsync(id, new ExecCreateSpec { Cmd = ["true", "x"] }, Token);
        await _host.Engine.Execs.StartAsync(exec, new ExecStartSpec { Detach = true }, Token);
        await Eventually.HoldsAsync("the exec ends", async () => (await EventsAsync(since)).Exists(text => text.Contains("exec_die", StringComparison.Ordinal)));
        await Containers.PauseAsync(id, Token);
        await Containers.UnpauseAsync(id, Token);
        await Containers.RenameAsync(id, "ev2", Token);
        await Containers.UpdateAsync(id, new HostConfig { CpuShares = 100 }, Token);
        await Containers.TopAsync(id, null, Token);
        await Containers.RestartAsync(id, new StopRequest(TimeoutSeconds: 20), Token);
        await Containers.KillAsync(id, "KILL", Token);
        await Containers.RemoveAsync(id, new RemoveRequest(), Token);
        await _host.Engine.Volumes.RemoveAsync("evvol", force: false, Token);

        const string Name = "a=b image=busybox:test name=ev";
        string[] run = ["network connect container=ID name=bridge type=bridge", "volume mount container=ID destination=/v driver=local propagation= read/write=true"];
        string[] end = ["network disconnect container=ID name=bridge type=bridge", "volume unmount container=ID driver=local"];
        Assert.Equal(
            [
                "volume create driver=local", $"container create {Name}", .. run, $"container start {Name}",
                $"container exec_create: true x a=b execID=ID image=busybox:test name=ev", $"container exec_start: true x a=b execID=ID image=busybox:test name=ev", $"container exec_die a=b execID=ID exitCode=0 image=busybox:test name=ev",
                $"container pause {Name}", $"container unpause {Name}", $"container rename {Name}2 oldName=/ev", $"container update {Name}2", $"container top {Name}2",
                $"container kill {Name}2 signal=15", .. end, "container die a=b exitCode=4 image=busybox:test name=ev2", $"container stop {Name}2",
                .. run, $"container start {Name}2", $"container restart {Name}2",
                $"container kill {Name}2 signal=9", .. end, "container die a=b exitCode=137 image=busybox:test name=ev2", $"container destroy {Name}2", "volume destroy driver=local",
            ],
            await EventsAsync(since));
    }

    [Fact]
    public async Task ThePastIsThereAfterTheEngineWasStartedAgain()
    {
        var since = TimeProvider.System.GetUtcNow();
        var id = await _host.CreateAsync("true");
        await _host.RunAsync(id);
        await Eventually.HoldsAsync("the end is told", async () => (await EventsAsync(since, Filters.Of(("event", "die")))).Count == 1);
        var before = await EventsAsync(since);
        await _host.Engine.DisposeAsync();
        await _host.OpenAsync();
        Assert.Equal(before, await EventsAsync(since));
        await Containers.RemoveAsync(id, new RemoveRequest(), Token);
        Assert.Equal([.. before, "container destroy image=busybox:test name=" + before[0].Split("name=")[1]], await EventsAsync(since));
    }

    /// <summary>Each event as a line, ids and durations left out.</summary>
    private async Task<List<string>> EventsAsync(DateTimeOffset since, Filters? filters = null)
    {
        List<string> lines = [];
        await foreach (var message in _host.Engine.Events.SubscribeAsync(since, TimeProvider.System.GetUtcNow().AddTicks(100), filters ?? Filters.None, Token))
        {
            var attributes = message.Actor!.Attributes!.Where(pair => pair.Key != "execDuration").OrderBy(pair => pair.Key, StringComparer.Ordinal);
            lines.Add($"{message.Type} {message.Action} {string.Join(' ', attributes.Select(pair => $"{pair.Key}={(pair.Value.Length == 64 ? "ID" : pair.Value)}"))}");
        }
        return lines;
    }
}
