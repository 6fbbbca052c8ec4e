using System.Net.Sockets;
using Gantry.Tests.Support;
using Gantry.Tests.Support.Peers;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>Docker's own clients build with BuildKit's protocol: buildx and Compose as plugins, unchanged.</summary>
public sealed class BuildxTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    private DockerPlugins _plugins = null!;
    private string _folder = null!;

    public async ValueTask InitializeAsync()
    {
        _plugins = await DockerPlugins.CreateAsync();
        _folder = Directory.CreateTempSubdirectory("build-").FullName;
    }

    public ValueTask DisposeAsync()
    {
        _plugins.Dispose();
        Directory.Delete(_folder, recursive: true);
        return default;
    }

    [Fact]
    public async Task AnImageIsBuiltRunAndBuiltAgainFromTheCache()
    {
        Write("Dockerfile", """
            FROM busybox AS first
            ARG WHO=nobody
            COPY words /words
            RUN echo "built for $WHO" > /who && ls -l /words
            FROM busybox AS last
            COPY --from=first /who /words/a /result/
            CMD ["cat", "/result/who", "/result/a"]
            """);
        Write("words/a", "from the context\n");
        Write("words/b.log", "left out");
        Write(".dockerignore", "**/*.log\n!nothing,here\n");

        var built = await BuildAsync("-t", "made:1", "--build-arg", "WHO=you", "--label", "k=v");
        Assert.Contains("[last 2/2] COPY --from=first /who /words/a /result/", built.Succeeded().Error, StringComparison.Ordinal);
        Assert.DoesNotContain("b.log", built.Error, StringComparison.Ordinal);
        Assert.Contains("naming to docker.io/library/made:1", built.Error, StringComparison.Ordinal);
        Assert.Equal("built for you\nfrom the context\n", (await hub.Engine.DockerAsync("run", "--rm", "made:1")).Succeeded().Output);
        Assert.Equal("v", (await hub.Engine.DockerAsync("image", "inspect", "--format", "{{index .Config.Labels \"k\"}}", "made:1")).Succeeded().Text);

        var id = Path.Combine(_folder, "..", Path.GetFileName(_folder) + ".id");
        var again = await BuildAsync("-t", "made:2", "--build-arg", "WHO=you", "--label", "k=v", "--iidfile", id);
        Assert.Contains("CACHED", again.Succeeded().Error, StringComparison.Ordinal);
        Assert.DoesNotContain("total ", again.Error, StringComparison.Ordinal);
        var image = (await hub.Engine.DockerAsync("image", "inspect", "--format", "{{.Id}}", "made:1")).Succeeded().Text;
        Assert.Equal(image, (await File.ReadAllTextAsync(id)).Trim());
        File.Delete(id);

        Assert.Contains("[first 3/3] RUN", (await BuildAsync("--target", "first", "--build-arg", "WHO=me", "-t", "first:1")).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal("built for me\n", (await hub.Engine.DockerAsync("run", "--rm", "first:1", "cat", "/who")).Succeeded().Output);
    }

    [Fact]
    public async Task AFailingStepShowsItsLineAndItsOutput()
    {
        Write("Dockerfile", "FROM busybox\nRUN echo before the end; exit 7\nRUN true\n");
        var failed = await BuildAsync();
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("before the end", failed.Error, StringComparison.Ordinal);
        Assert.Contains("Dockerfile:2", failed.Error, StringComparison.Ordinal);
        Assert.Contains("2 | >>> RUN echo before the end; exit 7", failed.Error, StringComparison.Ordinal);
        Assert.Contains("ERROR: failed to solve: process \"/bin/sh -c echo before the end; exit 7\" did not complete successfully: exit code: 7", failed.Error, StringComparison.Ordinal);

        Write("Dockerfile", "FROM busybox\nRUNN true\n");
        var unread = await BuildAsync();
        Assert.Contains("dockerfile parse error on line 2: unknown instruction: RUNN", unread.Error, StringComparison.Ordinal);
        Assert.Contains("2 | >>> RUNN true", unread.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretsAndAgentsAreLentAndLeaveNothing()
    {
        Write("Dockerfile", """
            FROM busybox
            RUN --mount=type=secret,id=s --mount=type=secret,id=s,env=S --mount=type=ssh,id=lent --mount=type=ssh,id=lent,target=/second \
                test "$(cat /run/secrets/s)" = hush && test "$S" = hush && test -S "$SSH_AUTH_SOCK" && test "$SSH_AUTH_SOCK" != /second && test -S /second && touch /done
            ENV SSH_AUTH_SOCK=/own
            RUN --mount=type=ssh,id=lent test "$SSH_AUTH_SOCK" = /own
            """);
        Write("secret", "hush");
        var path = Path.Combine(_folder, "agent");
        using var agent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        agent.Bind(new UnixDomainSocketEndPoint(path));
        agent.Listen();

        (await BuildAsync("-t", "secret:1", "--secret", $"id=s,src={Path.Combine(_folder, "secret")}", "--ssh", $"lent={path}")).Succeeded();

        Assert.Equal("/done\n", (await hub.Engine.DockerAsync("run", "--rm", "secret:1", "sh", "-c", "ls /run/secrets 2>/dev/null; ls /done")).Succeeded().Output);
        Assert.NotEqual(0, (await BuildAsync("--no-cache", "--secret", $"id=s,src={Path.Combine(_folder, "Dockerfile")}")).ExitCode);
    }

    [Fact]
    public async Task FilesGoToTheClient()
    {
        Write("Dockerfile", "FROM busybox AS b\nRUN mkdir -p /o/d && echo one > /o/d/one && ln -s d/one /o/link && chmod 750 /o/d\nFROM scratch\nCOPY --from=b /o /\n");
        var (local, tar) = (Path.Combine(_folder, "out"), Path.Combine(_folder, "out.tar"));
        (await BuildAsync("--output", $"type=local,dest={local}")).Succeeded();
        (await BuildAsync("--output", $"type=tar,dest={tar}")).Succeeded();
        Assert.Equal("one\n", await File.ReadAllTextAsync(Path.Combine(local, "link")));
        Assert.Equal("d/one", new FileInfo(Path.Combine(local, "link")).LinkTarget);
        Assert.Equal("750", (await Command.RunAsync("stat", ["-c", "%a", Path.Combine(local, "d")])).Succeeded().Text.Trim());
        Assert.Equal(["d/", "d/one", "link"], (await Command.RunAsync("tar", ["-tf", tar])).Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.StartsWith("./", StringComparison.Ordinal) ? l[2..] : l).Where(l => l.Length > 0).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AnInterruptedBuildEndsItsStep()
    {
        Write("Dockerfile", "FROM busybox\nRUN exec sleep 100000\n");
        using var build = Command.Start("docker", ["-H", hub.Engine.Host, "buildx", "build", "--progress", "plain", _folder], new Dictionary<string, string?> { ["DOCKER_CONFIG"] = _plugins.Folder });
        var error = build.StandardError.ReadToEndAsync();
        await Eventually.HoldsAsync("the step runs", HasSleepAsync);

        (await Command.RunAsync("kill", ["-INT", $"{build.Id}"])).Succeeded();
        await build.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.True(build.ExitCode != 0, await error);
        await Eventually.HoldsAsync("the step has ended", async () => !await HasSleepAsync());

        static async Task<bool> HasSleepAsync() => (await Command.RunAsync("pgrep", ["-f", "^sleep 100000$"])).ExitCode == 0;
    }

    [Fact]
    public async Task DockerBuildAndComposeUseItUnasked()
    {
        Write("Dockerfile", "FROM busybox\nCOPY file /file\nCMD [\"cat\", \"/file\"]\n");
        Write("file", "content\n");
        Write("compose.yaml", "services:\n  job:\n    build: .\n    network_mode: none\n");

        var built = await _plugins.DockerAsync(hub.Engine, "build", "--progress", "plain", "-t", "plain:1", _folder);
        Assert.Contains("[2/2] COPY file /file", built.Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal("content\n", (await hub.Engine.DockerAsync("run", "--rm", "plain:1")).Succeeded().Output);

        (await ComposeAsync("build")).Succeeded();
        Assert.Equal("content\n", (await ComposeAsync("run", "--rm", "-T", "job")).Succeeded().Output);
        (await ComposeAsync("down", "--rmi", "local")).Succeeded();
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private Task<CommandResult> BuildAsync(params string[] arguments) => _plugins.DockerAsync(hub.Engine, ["buildx", "build", "--progress", "plain", .. arguments, _folder]);

    private Task<CommandResult> ComposeAsync(params string[] arguments) =>
        _plugins.DockerAsync(hub.Engine, ["compose", "--project-name", "built", "--project-directory", _folder, "-f", Path.Combine(_folder, "compose.yaml"), .. arguments]);
}
