using System.Globalization;
using System.Text.Json;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>Health checks, from flag to state, list, events and restart.</summary>
[Collection(LifeCollection.Name)]
public sealed class HealthTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task TheStateFollowsTheProbes()
    {
        var since = Now();
        (await Engine.DockerAsync(
            "run", "-d", "--name", "h1", "--health-cmd", "test -e /tmp/ok || { echo not yet >&2; exit 3; }", "--health-interval", "100ms", "--health-retries", "2", "busybox", "sleep", "600")).Succeeded();
        await BecomesAsync("h1", "unhealthy");
        var health = await HealthAsync("h1");
        Assert.True(health.GetProperty("FailingStreak").GetInt32() >= 2);
        var last = health.GetProperty("Log").EnumerateArray().Last();
        Assert.Equal((3, "not yet\n"), (last.GetProperty("ExitCode").GetInt32(), last.GetProperty("Output").GetString()));
        Assert.True(last.GetProperty("Start").GetDateTimeOffset() < last.GetProperty("End").GetDateTimeOffset());
        Assert.Equal("h1", (await Engine.DockerAsync("ps", "--filter", "health=unhealthy", "--format", "{{.Names}}")).Succeeded().Text);
        Assert.Matches(@"^Up .* \(unhealthy\)$", (await Engine.DockerAsync("ps", "--filter", "name=h1", "--format", "{{.Status}}")).Succeeded().Text);

        (await Engine.DockerAsync("exec", "h1", "touch", "/tmp/ok")).Succeeded();
        await BecomesAsync("h1", "healthy");
        health = await HealthAsync("h1");
        Assert.Equal(0, health.GetProperty("FailingStreak").GetInt32());
        Assert.InRange(health.GetProperty("Log").GetArrayLength(), 3, 5);

        var events = (await Engine.DockerAsync("events", "--since", since, "--until", Now(), "--filter", "container=h1", "--format", "{{.Action}}")).Succeeded().Text.Split('\n');
        Assert.Equal(["health_status: unhealthy", "health_status: healthy"], events.Where(e => e.StartsWith("health_status", StringComparison.Ordinal)));
        var first = Array.FindIndex(events, e => e.StartsWith("exec_create: /bin/sh -c test -e", StringComparison.Ordinal));
        Assert.StartsWith("exec_start: /bin/sh -c test -e", events[first + 1], StringComparison.Ordinal);
        Assert.Equal("exec_die", events[first + 2]);

        (await Engine.DockerAsync("stop", "h1")).Succeeded();
        Assert.Equal("unhealthy", (await HealthAsync("h1")).GetProperty("Status").GetString());
        (await Engine.DockerAsync("start", "h1")).Succeeded();
        Assert.Contains((await HealthAsync("h1")).GetProperty("Status").GetString(), (string[])["starting", "healthy"]);
        (await Engine.DockerAsync("rm", "-f", "h1")).Succeeded();
    }

    [Fact]
    public async Task ProbingGoesOnWhileThereIsNoEngine()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "h2", "-v", "/probes", "--health-cmd", "echo x >>/probes/n; wc -l </probes/n", "--health-interval", "100ms", "busybox", "sleep", "600")).Succeeded();
        await BecomesAsync("h2", "healthy");
        var volume = (await Engine.GantryAsync("inspect", "--format", "{{(index .Mounts 0).Source}}", "h2")).Succeeded().Text;
        var file = Path.Combine(volume, "n");
        await Engine.KillEngineAsync();
        var before = File.ReadLines(file).Count();
        await Eventually.HoldsAsync("seven more probes without an engine", () => Task.FromResult(File.ReadLines(file).Count() >= before + 7));
        await Engine.StartEngineAsync();

        var health = await HealthAsync("h2");
        Assert.Equal("healthy", health.GetProperty("Status").GetString());
        Assert.Equal(5, health.GetProperty("Log").GetArrayLength());
        Assert.True(int.Parse(health.GetProperty("Log")[0].GetProperty("Output").GetString()!, CultureInfo.InvariantCulture) > before, "the results are older than the engine's death");

        // A paused container is not probed: its processes could not answer.
        (await Engine.GantryAsync("pause", "h2")).Succeeded();
        var paused = (await HealthAsync("h2")).GetRawText();
        Assert.Equal("unhealthy", (await HealthAsync("h2")).GetProperty("Status").GetString()); // as dockerd has it
        await Task.Delay(500); // five intervals: nothing must happen in them
        Assert.Equal(paused, (await HealthAsync("h2")).GetRawText());
        var seen = File.ReadLines(file).Count();
        (await Engine.GantryAsync("unpause", "h2")).Succeeded();
        await Eventually.HoldsAsync("probing goes on", () => Task.FromResult(File.ReadLines(file).Count() > seen));
        await BecomesAsync("h2", "healthy");
        (await Engine.GantryAsync("rm", "-fv", "h2")).Succeeded();
    }

    [Fact]
    public async Task ProbesThatHangOrCannotRunSayWhy()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "h3", "--health-cmd", "echo begun; exec sleep 600", "--health-interval", "50ms", "--health-timeout", "200ms", "--health-retries", "1", "busybox", "sleep", "600")).Succeeded();
        (await Engine.DockerAsync("run", "-d", "--name", "h4", "--health-cmd", "head -c 5000 /dev/zero | tr '\\0' z; exit 1", "--health-interval", "50ms", "--health-retries", "1", "busybox", "sleep", "600")).Succeeded();
        (await Engine.GantryAsync("run", "-d", "--name", "h5", "--no-healthcheck", "busybox", "sleep", "600")).Succeeded();
        await BecomesAsync("h3", "unhealthy");
        var probe = (await HealthAsync("h3")).GetProperty("Log")[0];
        Assert.Equal((-1, "Health check exceeded timeout (200ms): begun\n"), (probe.GetProperty("ExitCode").GetInt32(), probe.GetProperty("Output").GetString()));
        await BecomesAsync("h4", "unhealthy");
        Assert.Equal(new string('z', 4096) + "...", (await HealthAsync("h4")).GetProperty("Log")[0].GetProperty("Output").GetString());
        Assert.Equal("<nil>", (await Engine.DockerAsync("inspect", "--format", "{{.State.Health}}", "h5")).Succeeded().Text);
        (await Engine.GantryAsync("rm", "-f", "h3", "h4", "h5")).Succeeded();

        var refused = await Engine.DockerAsync("run", "-d", "--health-cmd", "true", "--health-interval", "1us", "busybox");
        Assert.Contains("Interval in Healthcheck cannot be less than 1ms", refused.Exited(125).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnUnhealthyReplacesTheContainer()
    {
        (await Engine.GantryAsync(
            "run", "-d", "--name", "h6", "--restart", "on-unhealthy", "--health-cmd", "test ! -e /dev/shm/bad", "--health-interval", "100ms", "--health-retries", "1", "busybox", "sleep", "600")).Succeeded();
        await BecomesAsync("h6", "healthy");
        (await Engine.GantryAsync("exec", "h6", "touch", "/dev/shm/bad")).Succeeded();
        await Eventually.HoldsAsync("h6 is started again", async () => await InspectAsync("h6", "{{.RestartCount}} {{.State.Status}} {{.State.Health.Status}}") == "1 running healthy");
        (await Engine.GantryAsync("rm", "-f", "h6")).Succeeded();

        var refused = await Engine.GantryAsync("run", "-d", "--restart", "on-unhealthy", "busybox", "sleep", "1");
        Assert.Contains("'on-unhealthy' needs a health check", refused.Exited(125).Error, StringComparison.Ordinal);
    }

    private static string Now() => (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000m).ToString(CultureInfo.InvariantCulture);

    private Task BecomesAsync(string container, string status) =>
        Eventually.HoldsAsync($"{container} is {status}", async () => await InspectAsync(container, "{{.State.Health.Status}}") == status);

    private async Task<string> InspectAsync(string container, string format) => (await Engine.DockerAsync("inspect", "--format", format, container)).Succeeded().Text;

    private async Task<JsonElement> HealthAsync(string container) => JsonDocument.Parse(await InspectAsync(container, "{{json .State.Health}}")).RootElement;
}
