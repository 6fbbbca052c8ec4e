using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Libraries;

/// <summary>Clients written in Python by others: docker-py, and Compose 1 on top of it.</summary>
public sealed class PythonTests(HubFixture hub) : IClassFixture<HubFixture>
{
    // Debian's, which is the one that has the packages.
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task DockerPyWorks()
    {
        var script = Path.Combine(Repository.Root, "tests/E2E/Libraries/docker_py.py");
        var result = (await Command.RunAsync(Python, [script, hub.Engine.Host])).Succeeded();
        Assert.EndsWith("OK", result.Text, StringComparison.Ordinal);
    }

    /// <summary>A project without networks of its own, which the engine does not have yet.</summary>
    [Fact]
    public async Task ComposeRunsAProject()
    {
        var folder = Directory.CreateDirectory(Path.Combine(hub.Engine.Root, "project")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "docker-compose.yml"), """
            version: "2.4"
            services:
              web:
                image: nginx
                network_mode: bridge
                ports: ["127.0.0.1::80"]
                environment: {GREETING: hello}
                volumes: ["pages:/pages", "./shared:/shared:ro"]
                mem_limit: 128m
                labels: {tier: front}
              job:
                image: busybox
                network_mode: none
                command: ["sh", "-c", "echo from the job; exit 5"]
            volumes:
              pages: {}
            """, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, "shared"));
        await File.WriteAllTextAsync(Path.Combine(folder, "shared/note"), "shared\n", TestContext.Current.CancellationToken);
        Task<CommandResult> ComposeAsync(params string[] arguments) =>
            Command.RunAsync("docker-compose", ["-H", hub.Engine.Host, "--project-directory", folder, "-f", Path.Combine(folder, "docker-compose.yml"), "-p", "proj", .. arguments]);

        (await ComposeAsync("pull", "-q")).Succeeded();
        (await ComposeAsync("up", "-d")).Succeeded();
        Assert.Equal("hello\nshared\n", (await ComposeAsync("exec", "-T", "web", "sh", "-c", "echo $GREETING; cat /shared/note")).Succeeded().Output);
        var address = (await ComposeAsync("port", "web", "80")).Succeeded().Text;
        using var http = new HttpClient();
        Assert.Contains("nginx", await Eventually.GetAsync("nginx answers", async () => await http.GetStringAsync($"http://{address}/")), StringComparison.Ordinal);
        await Eventually.HoldsAsync("the job has ended", async () => (await ComposeAsync("ps", "job")).Succeeded().Output.Contains("Exit 5", StringComparison.Ordinal));
        Assert.Contains("from the job", (await ComposeAsync("logs", "job")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("once\n", (await ComposeAsync("run", "--rm", "-T", "job", "echo", "once")).Succeeded().Output);
        (await ComposeAsync("restart", "-t", "2", "web")).Succeeded();
        Assert.Contains("up-to-date", (await ComposeAsync("up", "-d", "web")).Succeeded().Error, StringComparison.Ordinal);
        (await ComposeAsync("stop", "-t", "2")).Succeeded();
        (await ComposeAsync("down", "-v", "-t", "2")).Succeeded();
        Assert.Empty((await hub.Engine.GantryAsync("ps", "-aq", "--filter", "label=com.docker.compose.project=proj")).Succeeded().Text);
    }
}
