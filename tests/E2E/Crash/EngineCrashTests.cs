using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Crash;

/// <summary>The engine may die; containers don't notice.</summary>
public sealed class EngineCrashTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task ContainersLogsAndExitCodesSurviveKill9()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "counter", "busybox", "sh", "-c", "i=0; while [ $i -lt 100000 ]; do echo line $i; i=$((i+1)); sleep 0.01; done")).Succeeded();
        (await Engine.GantryAsync("run", "-d", "--name", "mortal", "busybox", "sh", "-c", "sleep 2; echo last words; exit 42")).Succeeded();
        (await Engine.GantryAsync("run", "-d", "--rm", "--name", "fleeting", "busybox", "sleep", "2")).Succeeded();
        var pid = (await Engine.GantryAsync("inspect", "--format", "{{.State.Pid}}", "counter")).Succeeded().Text;

        await Engine.KillEngineAsync();
        Assert.True(Directory.Exists($"/proc/{pid}"), "the container's process is gone with the engine");
        await Eventually.HoldsAsync("mortal has ended", () => Task.FromResult(!Directory.Exists($"/proc/{pid}") || ExitFiles() >= 2));
        await Engine.StartEngineAsync();

        Assert.Equal($"running {pid}", (await Engine.GantryAsync("inspect", "--format", "{{.State.Status}} {{.State.Pid}}", "counter")).Succeeded().Text);
        Assert.Equal("exited 42", (await Engine.GantryAsync("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "mortal")).Succeeded().Text);
        Assert.Equal("last words", (await Engine.GantryAsync("logs", "mortal")).Succeeded().Text);
        await Eventually.HoldsAsync("fleeting is removed", async () => (await Engine.GantryAsync("inspect", "fleeting")).ExitCode == 1);

        (await Engine.GantryAsync("stop", "-t", "0", "counter")).Succeeded();
        var lines = (await Engine.GantryAsync("logs", "counter")).Succeeded().Text.Split('\n');
        Assert.True(lines.Length > 100, $"only {lines.Length} lines");
        Assert.Equal(Enumerable.Range(0, lines.Length).Select(i => $"line {i}"), lines);
        (await Engine.GantryAsync("rm", "counter", "mortal")).Succeeded();
    }

    [Fact]
    public async Task ExecAndPublishedPortsWorkAfterARestartOfTheEngine()
    {
        var port = RegistryFixture.FreePort();
        (await Engine.GantryAsync("run", "-d", "--name", "web2", "-p", $"{port}:80", "nginx")).Succeeded();
        using var client = new HttpClient();
        await Eventually.GetAsync("nginx answers", async () => await client.GetStringAsync($"http://127.0.0.1:{port}/"));
        await Engine.KillEngineAsync();
        Assert.Contains("Welcome", await client.GetStringAsync($"http://127.0.0.1:{port}/"), StringComparison.Ordinal);
        await Engine.StartEngineAsync();
        Assert.Contains("Welcome", await client.GetStringAsync($"http://127.0.0.1:{port}/"), StringComparison.Ordinal);
        Assert.Equal("yes", (await Engine.GantryAsync("exec", "web2", "echo", "yes")).Succeeded().Text);
        Assert.Equal("web2", (await Engine.GantryAsync("update", "-m", "200m", "--memory-swap", "-1", "web2")).Succeeded().Text);
        Assert.Contains("/ 200MiB", (await Engine.GantryAsync("stats", "--no-stream", "web2")).Succeeded().Text, StringComparison.Ordinal);
        Assert.Contains("nginx", (await Engine.GantryAsync("top", "web2")).Succeeded().Text, StringComparison.Ordinal);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal("create\nstart", (await Engine.GantryAsync(
            "events", "--since", "1", "--until", $"{now + 1}", "--filter", "container=web2", "--filter", "event=create", "--filter", "event=start", "--format", "{{.Action}}")).Succeeded().Text);
        (await Engine.GantryAsync("rm", "-f", "web2")).Succeeded();
    }

    // After a reboot /run is empty, and nothing that ran runs any more.
    [Fact]
    public async Task ARebootIsSurvived()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "wanted", "--restart", "always", "busybox", "sleep", "1000")).Succeeded();
        (await Engine.GantryAsync("run", "-d", "--name", "lost", "busybox", "sleep", "1000")).Succeeded();
        var processes = (await Engine.GantryAsync("inspect", "--format", "{{.State.Pid}}", "wanted", "lost")).Succeeded().Text.Split('\n');
        var groups = processes.Select(pid => File.ReadLines($"/proc/{pid}/cgroup").Select(line => line[(line.LastIndexOf(':') + 2)..]).First(group => group.Length > 0)).ToArray();
        var monitors = processes.Select(pid => File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..].Trim()).ToArray();
        await Engine.KillEngineAsync();
        (await Command.RunAsync("kill", ["-9", .. monitors, .. processes])).Succeeded();
        Directory.Delete(Path.Combine(Engine.Root, "exec"), recursive: true);
        foreach (var group in groups.SelectMany(group => Directory.GetDirectories("/sys/fs/cgroup").Select(hierarchy => Path.Combine(hierarchy, group))).Where(Directory.Exists))
            await Eventually.HoldsAsync($"control group {group} is empty", async () => (await Command.RunAsync("rmdir", [group])).ExitCode == 0);
        await Engine.StartEngineAsync();

        Assert.Equal("exited 255", (await Engine.GantryAsync("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "lost")).Succeeded().Text);
        await Eventually.HoldsAsync("the policy has started it again", async () => (await Engine.GantryAsync("inspect", "--format", "{{.State.Status}}", "wanted")).Succeeded().Text == "running");
        Assert.DoesNotContain((await Engine.GantryAsync("inspect", "--format", "{{.State.Pid}}", "wanted")).Succeeded().Text, processes);
        (await Engine.GantryAsync("rm", "-f", "wanted", "lost")).Succeeded();
    }

    private int ExitFiles() => Directory.EnumerateFiles(Path.Combine(Engine.Root, "exec", "containers"), "exit.json", SearchOption.AllDirectories).Count();
}
