using System.Net.Sockets;
using System.Text.Json;
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
        _plugins = await DockerPlugins.CreateAsync(newest: true);
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
        Assert.Contains("failed to solve: process \"/bin/sh -c echo before the end; exit 7\" did not complete successfully: exit code: 7", failed.Error, StringComparison.Ordinal);

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
    public async Task AMissingFileIsGuessedByWhatTheClientHas()
    {
        Write("Dockerfile", "FROM busybox\nCOPY pakage.json /\n");
        Write("package.json", "{}");
        var failed = await BuildAsync();
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("\"/pakage.json\": not found (did you mean \"/package.json\"?)", failed.Error, StringComparison.Ordinal);
        Assert.Contains("   2 | >>> COPY pakage.json /\n", failed.Error, StringComparison.Ordinal);
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

    [Fact]
    public async Task QuestionsAboutADockerfileAreAnswered()
    {
        Write("Dockerfile", """
            FROM busybox as tools
            ARG WHO=nobody
            RUN --mount=type=secret,id=token,required true
            MAINTAINER somebody
            FROM tools AS last
            """);
        var check = await BuildAsync("--check");
        Assert.Equal(1, check.ExitCode);
        Assert.StartsWith("Check complete, 2 warnings have been found!\n\nWARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/\n'as' and 'FROM' keywords' casing do not match\n", check.Output, StringComparison.Ordinal);
        Assert.Contains($"{_folder}/Dockerfile:4\n--------------------\n   2 |     ARG WHO=nobody\n   3 |     RUN --mount=type=secret,id=token,required true\n   4 | >>> MAINTAINER somebody\n", check.Output, StringComparison.Ordinal);
        Assert.Equal(check.Output, (await BuildAsync("--call=lint")).Output);
        Assert.Equal(0, (await BuildAsync("--call=check,ignorestatus=true")).ExitCode);
        Assert.Equal("TARGET         DESCRIPTION\ntools          \nlast (default) \n", (await BuildAsync("--call=targets")).Succeeded().Output);
        var outline = (await BuildAsync("--call=outline", "--target", "tools", "--build-arg", "WHO=you")).Succeeded().Output;
        Assert.Contains("TARGET: tools", outline, StringComparison.Ordinal);
        Assert.Contains("WHO         you", outline, StringComparison.Ordinal);
        Assert.Contains("token    true", outline, StringComparison.Ordinal);
        Assert.Contains("\"default\": true", (await BuildAsync("--call=targets,format=json")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("outline", (await BuildAsync("--call=subrequests.describe")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("unsupported request frontend.weather", (await BuildAsync("--call=weather")).Error, StringComparison.Ordinal);
        Write("Dockerfile", "FROM busybox\nRUNN true\n");
        Assert.Equal((1, ""), await BuildAsync("--check") is var unread ? (unread.ExitCode, unread.Output) : default);
        Assert.Contains("ERROR: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)", unread.Error, StringComparison.Ordinal);

        // An ordinary build tells of what it found too, also when it fails.
        Write("Dockerfile", "FROM busybox\nMAINTAINER somebody\nRUN exit 4\n");
        var failed = await BuildAsync();
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("1 warning found", failed.Error, StringComparison.Ordinal);
        Assert.Contains(" - MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)", failed.Error, StringComparison.Ordinal);
        Write("Dockerfile", "FROM busybox\nCMD true\n");
        Assert.Contains(" - JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 2)", (await BuildAsync()).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BakeTargetsBeginWithOneAnother()
    {
        Write("docker-bake.hcl", """
            group "default" { targets = ["app", "tool"] }
            target "base" {
              dockerfile-inline = "FROM busybox\nENV FROM_BASE=yes\nCOPY file /file\nRUN echo once > /once\n"
            }
            target "app" {
              contexts = { base = "target:base" }
              dockerfile-inline = "FROM base\nRUN cat /file /once > /app && echo $FROM_BASE >> /app\nCMD [\"cat\", \"/app\"]\n"
              tags = ["baked-app:1"]
            }
            target "tool" {
              contexts = { other = "target:base", extra = "./extra" }
              dockerfile-inline = "FROM busybox\nCOPY --from=other /once /\nCOPY --from=extra more /\nCMD [\"cat\", \"/once\", \"/more\"]\n"
              tags = ["baked-tool:1"]
            }
            """);
        Write("file", "from the context\n");
        Write("extra/more", "from elsewhere\n");
        var baked = await Command.RunAsync("env", ["-C", _folder, "docker", "-H", hub.Engine.Host, "buildx", "bake", "--progress", "plain"], environment: new Dictionary<string, string?> { ["DOCKER_CONFIG"] = _plugins.Folder });
        baked.Succeeded();
        Assert.Equal("from the context\nonce\nyes\n", (await hub.Engine.DockerAsync("run", "--rm", "baked-app:1")).Succeeded().Output);
        Assert.Equal("once\nfrom elsewhere\n", (await hub.Engine.DockerAsync("run", "--rm", "baked-tool:1")).Succeeded().Output);

        // For several platforms: each begins with its own.
        Write("docker-bake.hcl", """
            target "base" {
              platforms = ["linux/amd64", "linux/arm64"]
              dockerfile-inline = "FROM --platform=$BUILDPLATFORM busybox AS b\nARG TARGETARCH\nRUN echo $TARGETARCH > /for\nFROM scratch\nCOPY --from=b /for /\n"
            }
            target "default" {
              contexts = { base = "target:base" }
              platforms = ["linux/amd64", "linux/arm64"]
              dockerfile-inline = "FROM base\nCOPY file /\n"
              output = ["type=local,dest=baked"]
            }
            """);
        (await Command.RunAsync("env", ["-C", _folder, "docker", "-H", hub.Engine.Host, "buildx", "bake", "--allow", "fs.write=baked", "--progress", "plain"], environment: new Dictionary<string, string?> { ["DOCKER_CONFIG"] = _plugins.Folder })).Succeeded();
        Assert.Equal("arm64\n", await File.ReadAllTextAsync(Path.Combine(_folder, "baked/linux_arm64/for")));
        Assert.Equal("amd64\n", await File.ReadAllTextAsync(Path.Combine(_folder, "baked/linux_amd64/for")));
    }

    [Fact]
    public async Task TheCacheAndPastBuildsAreManaged()
    {
        Write("Dockerfile", "FROM busybox\nRUN echo remembered > /here\n");
        (await BuildAsync("-t", "managed:1")).Succeeded();
        Assert.Contains("Status:           running", (await BuildxAsync("inspect")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("RUN echo remembered", (await BuildxAsync("du", "--verbose")).Succeeded().Output, StringComparison.Ordinal);

        var past = (await BuildxAsync("history", "ls", "--no-trunc", "--format", "{{.Ref}} {{.Name}} {{.Status}}")).Succeeded().Output.Split('\n').First(line => line.Contains(Path.GetFileName(_folder), StringComparison.Ordinal)).Split(' ');
        Assert.Equal("Completed", past[2]);
        var reference = past[0].Split('/')[^1];
        Assert.Contains("[2/2] RUN echo remembered", (await BuildxAsync("history", "logs", reference, "--progress", "plain")) is var logs ? logs.Succeeded().Text + logs.Error : "", StringComparison.Ordinal);
        Assert.Contains("Build Steps:", (await BuildxAsync("history", "inspect", reference)).Succeeded().Output, StringComparison.Ordinal);
        (await BuildxAsync("history", "rm", reference)).Succeeded();
        Assert.DoesNotContain(reference, (await BuildxAsync("history", "ls", "--no-trunc")).Succeeded().Output, StringComparison.Ordinal);

        Assert.Contains("Total:", (await BuildxAsync("prune", "--force", "--all", "--filter", "type=regular")).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("RUN echo remembered", (await BuildxAsync("du", "--verbose")).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CACHED", (await BuildAsync("-t", "managed:1")).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADockerfileMayLieOnAWebServer()
    {
        var server = Directory.CreateDirectory(Path.Combine(_folder, "server")).FullName;
        await File.WriteAllTextAsync(Path.Combine(server, "Dockerfile"), "FROM busybox\nCOPY file /file\n");
        Write("context/file", "from here\n");
        using var web = Command.Start("/usr/bin/python3", ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", server, "0"], new Dictionary<string, string?>());
        try
        {
            var port = (await web.StandardOutput.ReadLineAsync())!.Split(' ').SkipWhile(static word => word != "port").ElementAt(1);
            (await _plugins.DockerAsync(hub.Engine, "buildx", "build", "--progress", "plain", "-t", "remote:1", "-f", $"http://127.0.0.1:{port}/Dockerfile", Path.Combine(_folder, "context"))).Succeeded();
            Assert.Equal("from here\n", (await hub.Engine.DockerAsync("run", "--rm", "remote:1", "cat", "/file")).Succeeded().Output);
        }
        finally
        {
            web.Kill();
            await web.WaitForExitAsync();
        }
    }

    private Task<CommandResult> BuildxAsync(params string[] arguments) => _plugins.DockerAsync(hub.Engine, ["buildx", .. arguments]);

    [Fact]
    public async Task AnIndexOfSeveralPlatformsIsPushedWithWhatIsSaidOfIt()
    {
        await using var registry = await RegistryFixture.StartEmptyAsync();
        var (name, metadata) = ($"127.0.0.1:{registry.Port}/many:1", Path.Combine(_folder, "..", Path.GetFileName(_folder) + ".json"));
        Write("Dockerfile", "FROM --platform=$BUILDPLATFORM busybox AS b\nARG TARGETARCH\nRUN echo $TARGETARCH > /for\nFROM scratch\nCOPY --from=b /for /\n");
        (await BuildAsync("--push", "-t", name, "--platform", "linux/amd64,linux/arm64", "--provenance", "mode=max", "--sbom", "true", "--annotation", "index:made=here", "--metadata-file", metadata)).Succeeded();
        var told = JsonDocument.Parse(await File.ReadAllTextAsync(metadata)).RootElement;
        File.Delete(metadata);
        var index = JsonDocument.Parse((await Command.RunAsync("skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://" + name])).Succeeded().Output).RootElement;
        Assert.Equal(["amd64", "arm64", "unknown", "unknown"], index.GetProperty("manifests").EnumerateArray().Select(static m => m.GetProperty("platform").GetProperty("architecture").GetString()));
        Assert.Equal("here", index.GetProperty("annotations").GetProperty("made").GetString());
        Assert.Equal(told.GetProperty("containerimage.digest").GetString(), told.GetProperty("containerimage.descriptor").GetProperty("digest").GetString());
        Assert.Equal(name, told.GetProperty("image.name").GetString());
        Assert.True(told.TryGetProperty("buildx.build.ref", out _));
        // buildx reads what it finds there.
        var provenance = await _plugins.DockerAsync(hub.Engine, "buildx", "imagetools", "inspect", name, "--format", "{{json (index .Provenance \"linux/arm64\").SLSA.buildType}}");
        Assert.Equal("\"https://mobyproject.org/buildkit@v1\"", provenance.Succeeded().Text.Trim());
    }

    [Fact]
    public async Task ResultsAreWrittenAsClientsWantThem()
    {
        Write("Dockerfile", "FROM --platform=$BUILDPLATFORM busybox AS b\nARG TARGETARCH\nRUN echo $TARGETARCH > /for\nFROM scratch\nCOPY --from=b /for /\n");
        var (local, oci) = (Path.Combine(_folder, "out"), Path.Combine(_folder, "out.tar"));
        (await BuildAsync("--platform", "linux/amd64,linux/arm64", "-o", $"type=local,dest={local}")).Succeeded();
        Assert.Equal("arm64\n", await File.ReadAllTextAsync(Path.Combine(local, "linux_arm64", "for")));
        (await BuildAsync("-o", $"type=oci,dest={oci},compression=zstd", "--provenance", "false")).Succeeded();
        Assert.Contains("tar+zstd", (await Command.RunAsync("skopeo", ["inspect", "--raw", "oci-archive:" + oci])).Succeeded().Text, StringComparison.Ordinal);
        Assert.Contains("exporting multiple references to image store is currently unsupported", (await BuildAsync("--platform", "linux/amd64,linux/arm64", "-t", "many:2")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABuildBeginsWithAnImageOfALayout()
    {
        var layout = Directory.CreateDirectory(Path.Combine(_folder, "..", Path.GetFileName(_folder) + ".layout")).FullName;
        try
        {
            Write("Dockerfile", "FROM busybox\nENV FROM_LAYOUT=yes\nRUN echo there > /file\n");
            (await BuildAsync("-o", $"type=oci,dest={layout},tar=false", "-t", "any:1.0", "--provenance", "true")).Succeeded();
            Assert.Contains("attestation-manifest", (await Command.RunAsync("skopeo", ["inspect", "--raw", $"oci:{layout}"])).Succeeded().Text, StringComparison.Ordinal);
            Write("Dockerfile", "FROM base\nRUN echo $FROM_LAYOUT >> /file\nCMD cat /file\n");
            (await BuildAsync("-t", "on-layout:1", "--build-context", $"base=oci-layout://{layout}:1.0")).Succeeded();
            Assert.Equal("there\nyes\n", (await hub.Engine.DockerAsync("run", "--rm", "on-layout:1")).Succeeded().Output);
        }
        finally
        {
            Directory.Delete(layout, recursive: true);
        }
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
