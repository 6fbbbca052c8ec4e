using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Docker;

/// <summary>Docker's own command line, unchanged, against the engine.</summary>
public sealed class DockerCliTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    private EngineFixture Engine => hub.Engine;

    // Tests run in no order of ours: none may be the one that pulls for the others.
    public async ValueTask InitializeAsync() => (await Engine.DockerAsync("pull", "-q", "busybox")).Succeeded();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task TheWholeWayOfAServer()
    {
        Assert.Contains("Downloaded newer image for nginx:latest", (await Engine.DockerAsync("pull", "nginx")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("Image is up to date for nginx:latest", (await Engine.DockerAsync("pull", "nginx")).Succeeded().Output, StringComparison.Ordinal);

        var port = RegistryFixture.FreePort();
        var id = (await Engine.DockerAsync("run", "-d", "--name", "dweb", "-p", $"{port}:80", "nginx")).Succeeded().Text;
        Assert.Matches("^[0-9a-f]{64}$", id);
        using var client = new HttpClient();
        await Eventually.GetAsync("nginx answers", async () => await client.GetStringAsync($"http://127.0.0.1:{port}/"));

        var row = (await Engine.DockerAsync("ps", "--format", "{{.ID}} {{.Image}} {{.Names}} {{.State}} {{.Ports}}")).Succeeded().Text;
        Assert.StartsWith($"{id[..12]} nginx dweb running 0.0.0.0:{port}->80/tcp", row, StringComparison.Ordinal);

        using var follow = Command.Start("docker", ["-H", Engine.Host, "logs", "-f", "dweb"]);
        await client.GetStringAsync($"http://127.0.0.1:{port}/?followed");
        string? line;
        do
            line = await follow.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        while (line is not null && !line.Contains("followed", StringComparison.Ordinal));
        Assert.NotNull(line);

        (await Engine.DockerAsync("stop", "dweb")).Succeeded();
        await follow.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("exited 0", (await Engine.DockerAsync("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "dweb")).Succeeded().Text);
        (await Engine.DockerAsync("rm", "dweb")).Succeeded();
        (await Engine.DockerAsync("inspect", "dweb")).Exited(1);
    }

    [Fact]
    public async Task ExecWithATerminal()
    {
        (await Engine.DockerAsync("run", "-d", "--name", "shell", "busybox", "sleep", "600")).Succeeded();

        // script(1) gives the client the terminal that -t asks for.
        var session = await Command.RunAsync(
            "script", ["-qec", $"docker -H {Engine.Host} exec -it shell sh", "/dev/null"], "tty; echo sum=$((40+2)); exit 7\n");
        Assert.Equal(7, session.ExitCode);
        Assert.Contains("/dev/pts/0", session.Output, StringComparison.Ordinal);
        Assert.Contains("sum=42", session.Output, StringComparison.Ordinal);
        (await Engine.DockerAsync("rm", "-f", "shell")).Succeeded();
    }

    [Fact]
    public async Task StandardInputReachesTheContainerAndEnds()
    {
        var result = (await Engine.DockerWithInputAsync("one\ntwo\n", "run", "-i", "--rm", "busybox", "wc", "-l")).Succeeded();
        Assert.Equal("2", result.Text);
    }

    [Fact]
    public async Task OutputAndErrorStayApart()
    {
        var result = await Engine.DockerAsync("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3");
        Assert.Equal((3, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Theory]
    [InlineData(125, "run", "--rm", "no such image")]
    [InlineData(127, "run", "--rm", "busybox", "no-such-command")]
    [InlineData(126, "run", "--rm", "busybox", "/etc")]
    [InlineData(137, "run", "--rm", "busybox", "sh", "-c", "sleep 9 & kill -9 $!; wait $!")]
    [InlineData(1, "logs", "no-such-container")]
    public async Task ExitCodesAreDockers(int code, params string[] arguments) => (await Engine.DockerAsync(arguments)).Exited(code);

    /// <summary>What the client itself refuses: the same words and exit code from both.</summary>
    [Theory]
    [InlineData("the input device is not a TTY", "run", "-it", "--rm", "busybox", "true")]
    [InlineData("specify both --attach and --detach", "run", "-d", "-a", "stdout", "busybox", "true")]
    [InlineData("container ID file found", "run", "--cidfile", "/etc/hostname", "busybox", "true")]
    [InlineData("container ID file found", "create", "--cidfile", "/etc/hostname", "busybox", "true")]
    [InlineData("container ID file found", "container", "create", "--cidfile", "/etc/hostname", "busybox", "true")]
    public async Task RefusalsOfTheClientAreDockers(string words, params string[] arguments)
    {
        var docker = await Engine.DockerAsync(arguments);
        var gantry = await Engine.GantryAsync(arguments);
        Assert.Contains(words, docker.Error, StringComparison.Ordinal);
        Assert.Contains(words, gantry.Error, StringComparison.Ordinal);
        Assert.Equal(docker.ExitCode, gantry.ExitCode);
        Assert.Equal(docker.Error.Contains("--help", StringComparison.Ordinal), gantry.Error.Contains("--help", StringComparison.Ordinal));
    }
}
