using Gantry.Tests.Support;
using Gantry.Tests.Support.Peers;
using Xunit;

namespace Gantry.Tests.E2E.Docker;

/// <summary>Compose 2, as the plugin of Docker's command line that it is, unchanged; with projects without networks of their own, which the engine does not have yet.</summary>
public sealed class ComposeTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    private DockerPlugins _plugins = null!;
    private string _folder = null!;

    public async ValueTask InitializeAsync()
    {
        _plugins = await DockerPlugins.CreateAsync();
        _folder = Directory.CreateTempSubdirectory("project-").FullName;
        Directory.CreateDirectory(Path.Combine(_folder, "shared"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "shared/note"), "shared\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "compose.yaml"), """
            services:
              web:
                image: nginx
                network_mode: bridge
                ports: ["127.0.0.1::80"]
                environment: {GREETING: hello}
                volumes: ["pages:/pages", "./shared:/shared:ro"]
                mem_limit: 128m
                labels: {tier: front}
                healthcheck: {test: ["CMD", "cat", "/shared/note"], interval: 1s}
              job:
                image: busybox
                network_mode: none
                depends_on: {web: {condition: service_healthy}}
                command: ["sh", "-c", "echo from the job; exit 5"]
            volumes:
              pages: {}
            """, TestContext.Current.CancellationToken);
        (await ComposeAsync("pull", "-q")).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        (await ComposeAsync("down", "-v", "-t", "0")).Succeeded();
        Directory.Delete(_folder, recursive: true);
        _plugins.Dispose();
    }

    [Fact]
    public async Task AProjectIsUpLookedIntoAndDown()
    {
        Assert.Contains("Container v2-web-1  Healthy", (await ComposeAsync("up", "-d")).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal("hello\nshared\n", (await ComposeAsync("exec", "-T", "web", "sh", "-c", "echo $GREETING; cat /shared/note")).Succeeded().Output);
        var address = (await ComposeAsync("port", "web", "80")).Succeeded().Text;
        using (var http = new HttpClient())
            Assert.Contains("nginx", await Eventually.GetAsync("nginx answers", async () => await http.GetStringAsync($"http://{address}/")), StringComparison.Ordinal);
        await Eventually.HoldsAsync("the job has ended", async () => (await ComposeAsync("ps", "-a", "--format", "{{.State}} {{.ExitCode}}", "job")).Succeeded().Text == "exited 5");
        Assert.Contains("from the job", (await ComposeAsync("logs", "--no-log-prefix", "job")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("nginx: master process", (await ComposeAsync("top", "web")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("running(1)", (await ComposeAsync("ls", "--format", "json")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("once\n", (await ComposeAsync("run", "--rm", "-T", "--no-deps", "job", "echo", "once")).Succeeded().Output);

        (await ComposeAsync("down", "-v", "-t", "2")).Succeeded();
        Assert.Empty((await hub.Engine.GantryAsync("ps", "-aq", "--filter", "label=com.docker.compose.project=v2")).Succeeded().Text);
        Assert.Empty((await hub.Engine.GantryAsync("volume", "ls", "-q", "--filter", "label=com.docker.compose.project=v2")).Succeeded().Text);
    }

    [Fact]
    public async Task ContainersAreKeptRecreatedAndCounted()
    {
        (await ComposeAsync("up", "-d", "--wait", "web")).Succeeded();
        var first = await WebAsync();
        (await ComposeAsync("up", "-d", "web")).Succeeded();
        (await ComposeAsync("pause", "web")).Succeeded();
        (await ComposeAsync("unpause", "web")).Succeeded();
        (await ComposeAsync("restart", "-t", "2", "web")).Succeeded();
        Assert.Equal(first, await WebAsync());

        (await ComposeAsync("up", "-d", "--force-recreate", "web")).Succeeded();
        Assert.NotEqual(first, await WebAsync());
        (await ComposeAsync("up", "-d", "--scale", "web=2", "web")).Succeeded();
        Assert.Equal(2, (await WebAsync()).Split('\n').Length);

        (await ComposeAsync("cp", "web:/shared/note", Path.Combine(_folder, "copied"))).Succeeded();
        Assert.Equal("shared\n", await File.ReadAllTextAsync(Path.Combine(_folder, "copied"), TestContext.Current.CancellationToken));
        (await ComposeAsync("stop", "-t", "2")).Succeeded();
        Assert.Empty((await ComposeAsync("ps", "-q", "web")).Succeeded().Text);
    }

    /// <summary>In the foreground: Compose attaches, prints what comes, and ends as the job does.</summary>
    [Fact]
    public async Task AJobInTheForegroundGivesItsExitCode()
    {
        var result = (await ComposeAsync("up", "--exit-code-from", "job")).Exited(5);
        Assert.Matches(@"job-1 +\| from the job", result.Output);
        Assert.Contains("job-1 exited with code 5", result.Output, StringComparison.Ordinal);
        Assert.Empty((await ComposeAsync("ps", "-q")).Succeeded().Text);
    }

    private async Task<string> WebAsync() => (await ComposeAsync("ps", "-q", "web")).Succeeded().Text;

    private Task<CommandResult> ComposeAsync(params string[] arguments) =>
        _plugins.DockerAsync(hub.Engine, ["compose", "--project-directory", _folder, "-p", "v2", .. arguments]);
}
