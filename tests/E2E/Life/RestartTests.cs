using System.Globalization;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>Restart policies, by hand, by crash and by the end of the engine; containers that run out of memory.</summary>
[Collection(LifeCollection.Name)]
public sealed class RestartTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task OnFailureCountsAndThenGivesUp()
    {
        var since = Now();
        (await Engine.DockerAsync("run", "-d", "--name", "r1", "--restart", "on-failure:2", "busybox", "sh", "-c", "echo run >>/runs; exit 7")).Succeeded();
        await Eventually.HoldsAsync("r1 has given up", async () => await InspectAsync("r1", "{{.RestartCount}} {{.State.Status}}") == "2 exited");
        Assert.Equal("7", (await Engine.DockerAsync("wait", "r1")).Succeeded().Text);
        Assert.Equal("7", await InspectAsync("r1", "{{.State.ExitCode}}"));
        var events = (await Engine.DockerAsync("events", "--since", since, "--until", Now(), "--filter", "container=r1", "--filter", "event=start", "--filter", "event=die", "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}")).Succeeded().Text.Split('\n').Select(line => line.Trim());
        Assert.Equal(["start <no value>", "die 7", "start <no value>", "die 7", "start <no value>", "die 7"], events);

        // Somebody's own start begins to count anew.
        (await Engine.DockerAsync("start", "r1")).Succeeded();
        await Eventually.HoldsAsync("r1 has given up again", async () => await InspectAsync("r1", "{{.RestartCount}} {{.State.Status}}") == "2 exited");
        (await Engine.DockerAsync("rm", "r1")).Succeeded();
        (await Engine.DockerAsync("run", "--name", "r2", "--restart", "on-failure", "busybox", "true")).Succeeded();
        Assert.Equal("0 exited", await InspectAsync("r2", "{{.RestartCount}} {{.State.Status}}"));
        (await Engine.DockerAsync("rm", "r2")).Succeeded();
    }

    [Fact]
    public async Task AlwaysIsEndedByHandAndNothingElse()
    {
        (await Engine.DockerAsync("run", "-d", "--name", "r3", "--restart", "always", "busybox", "sh", "-c", "exit 3")).Succeeded();
        await Eventually.HoldsAsync("r3 waits for its restart", async () =>
            (await Engine.DockerAsync("ps", "--filter", "name=r3", "--format", "{{.State}} {{.Status}}")).Succeeded().Text.StartsWith("restarting Restarting (3) ", StringComparison.Ordinal));
        await Eventually.HoldsAsync("r3 was restarted", async () => int.Parse(await InspectAsync("r3", "{{.RestartCount}}"), CultureInfo.InvariantCulture) >= 3);
        Assert.Equal("true", await InspectAsync("r3", "{{.State.Running}}"));
        var refused = await Engine.DockerAsync("rm", "r3");
        Assert.Equal(1, refused.ExitCode);
        (await Engine.DockerAsync("stop", "-t", "0", "r3")).Succeeded();
        Assert.Equal("exited false", await InspectAsync("r3", "{{.State.Status}} {{.State.Running}}"));
        var count = await InspectAsync("r3", "{{.RestartCount}}");

        (await Engine.DockerAsync("run", "-d", "--name", "r4", "--restart", "always", "busybox", "sleep", "600")).Succeeded();
        var pid = await InspectAsync("r4", "{{.State.Pid}}");
        (await Command.RunAsync("kill", ["-9", pid])).Succeeded();
        await Eventually.HoldsAsync("r4 runs again", async () => await InspectAsync("r4", "{{.State.Status}} {{.RestartCount}}") == "running 1");
        Assert.NotEqual(pid, await InspectAsync("r4", "{{.State.Pid}}"));
        Assert.Equal(count, await InspectAsync("r3", "{{.RestartCount}}"));
        (await Engine.DockerAsync("rm", "-f", "r3", "r4")).Succeeded();
    }

    [Fact]
    public async Task TheHandIsRememberedAcrossEngines()
    {
        foreach (var (name, policy) in new[] { ("r5", "unless-stopped"), ("r6", "always"), ("r7", "unless-stopped"), ("r8", "on-failure") })
            (await Engine.GantryAsync("run", "-d", "--name", name, "--restart", policy, "busybox", "sleep", "600")).Succeeded();
        (await Engine.GantryAsync("stop", "-t", "0", "r5", "r6")).Succeeded();
        var crashed = await InspectAsync("r7", "{{.State.Pid}}");
        var failed = await InspectAsync("r8", "{{.State.Pid}}");
        await Engine.KillEngineAsync();
        // Both end while there is no engine that could restart them.
        (await Command.RunAsync("kill", ["-9", crashed, failed])).Succeeded();
        await Eventually.HoldsAsync("both have ended", () => Task.FromResult(!Directory.Exists($"/proc/{crashed}") && !Directory.Exists($"/proc/{failed}")));
        await Engine.StartEngineAsync();

        await Eventually.HoldsAsync("what the policies want runs", async () =>
            await InspectAsync("r6", "{{.State.Status}}") == "running" && await InspectAsync("r7", "{{.State.Status}}") == "running" && await InspectAsync("r8", "{{.State.Status}}") == "running");
        Assert.Equal("exited", await InspectAsync("r5", "{{.State.Status}}"));
        (await Engine.GantryAsync("rm", "-f", "r5", "r6", "r7", "r8")).Succeeded();
    }

    [Fact]
    public async Task RunningOutOfMemoryIsReported()
    {
        var since = Now();
        const string Eat = "x=; while true; do x=$x$x$x$x; x=${x:-aaaaaaaaaaaaaaaa}; done";
        (await Engine.DockerAsync("run", "--name", "r9", "-m", "20m", "--memory-swap", "20m", "busybox", "sh", "-c", Eat)).Exited(137);
        Assert.Equal("true 137", await InspectAsync("r9", "{{.State.OOMKilled}} {{.State.ExitCode}}"));
        Assert.Equal("oom", (await Engine.DockerAsync("events", "--since", since, "--until", Now(), "--filter", "container=r9", "--filter", "event=oom", "--format", "{{.Action}}")).Succeeded().Text);

        // A child is killed, and the container goes on: that is told at once, not at its end.
        (await Engine.DockerAsync("run", "-d", "--name", "r10", "-m", "20m", "--memory-swap", "20m", "busybox", "sh", "-c", $"(exec sh -c '{Eat}'); sleep 600")).Succeeded();
        await Eventually.HoldsAsync("r10 has lost a process and runs", async () => await InspectAsync("r10", "{{.State.OOMKilled}} {{.State.Status}}") == "true running");
        Assert.Matches("container r10 ran out of memory: the kernel killed process sh \\(pid [0-9]+\\); it had used up to (19|20)(\\.[0-9])? MiB of the 20 MiB that --memory allows", Engine.Log);
        (await Engine.DockerAsync("rm", "-f", "r9", "r10")).Succeeded();
    }

    private static string Now() => (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000m).ToString(CultureInfo.InvariantCulture);

    private async Task<string> InspectAsync(string container, string format) => (await Engine.DockerAsync("inspect", "--format", format, container)).Succeeded().Text;
}
