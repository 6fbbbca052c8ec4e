using System.Text.Json;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>Gantry's own command line builds.</summary>
public sealed class GantryBuildTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private EngineFixture Engine => hub.Engine;

    private async Task<string> RunAsync(string image) => (await Engine.GantryAsync("run", "--rm", image)).Succeeded().Output;

    [Fact]
    public async Task ItBuildsAndTellsItsSteps()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nCOPY a.txt /\nRUN cat /a.txt && echo done > /b\nCMD cat /a.txt /b\n"), ("a.txt", "A\n"), (".dockerignore", "secret"), ("secret", "x"));
        var idFile = Path.Combine(project.Folder, "id");
        var built = (await Engine.GantryAsync("build", "-t", "own", "--iidfile", idFile, project.Folder)).Succeeded();
        Assert.Empty(built.Output);
        Assert.Matches(@"(?m)^#\d+ \[\d/\d\] RUN cat /a.txt && echo done > /b$", built.Error);
        Assert.Matches(@"(?m)^#\d+ \d+\.\d{3} A$", built.Error);
        Assert.Matches(@"(?m)^#\d+ DONE \d+\.\ds$", built.Error);
        Assert.Equal("A\ndone\n", await RunAsync("own"));
        Assert.Equal((await Engine.GantryAsync("inspect", "--format", "{{.Id}}", "own")).Succeeded().Text, await File.ReadAllTextAsync(idFile, TestContext.Current.CancellationToken));

        File.Delete(idFile);
        var again = (await Engine.GantryAsync("build", "-t", "own", project.Folder)).Succeeded();
        Assert.Matches(@"(?m)^#\d+ CACHED$", again.Error);
        Assert.Matches(@"(?m)^#\d+ \d+\.\d{3} A$", (await Engine.GantryAsync("build", "--no-cache", project.Folder)).Succeeded().Error);
        Assert.Matches("RUN cat /a.txt", (await Engine.GantryAsync("builder", "logs")).Succeeded().Output);
    }

    [Fact]
    public async Task AFailureShowsWhere()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nENV A=b\nRUN echo first \\\n && no-such-command\nCMD x\n"));
        var failed = await Engine.GantryAsync("build", project.Folder);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("   3 | >>> RUN echo first \\\n   4 | >>>  && no-such-command\n   5 |     CMD x\n", failed.Error, StringComparison.Ordinal);
        Assert.Contains("did not complete successfully: exit code: 127\n", failed.Error, StringComparison.Ordinal);
        Assert.Contains("the shell did not find the command", failed.Error, StringComparison.Ordinal);
        Assert.Contains("no-such-command: not found", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretsAreThereAndLeaveNoTrace()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN --mount=type=secret,id=token wc -c < /run/secrets/token > /size\nCMD cat /size; ls /run/secrets 2>&1 || true\n"));
        using var elsewhere = new Project(("token", "very-secret-value-7"));
        (await Engine.GantryAsync("build", "-t", "secret", "--secret", $"id=token,src={elsewhere.Folder}/token", project.Folder)).Succeeded();
        Assert.StartsWith("19\n", await RunAsync("secret"), StringComparison.Ordinal);
        var traces = await Command.RunAsync("grep", ["-rlaF", "very-secret-value-7", Path.Combine(Engine.Root, "data")]);
        Assert.Equal("", traces.Output);
        Assert.DoesNotContain("very-secret-value-7", Engine.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContextsMayBeNamedAndResultsSentBack()
    {
        using var project = new Project(("Dockerfile", "FROM busybox AS make\nCOPY --from=other note /made/note\nRUN echo more > /made/more\nFROM scratch\nCOPY --from=make /made /\n"));
        using var other = new Project(("note", "from elsewhere\n"));
        var output = Path.Combine(project.Folder, "out");
        (await Engine.GantryAsync("build", "--build-context", $"other={other.Folder}", "-o", output, project.Folder)).Succeeded();
        Assert.Equal("from elsewhere\n", await File.ReadAllTextAsync(Path.Combine(output, "note"), TestContext.Current.CancellationToken));
        Assert.Equal("more\n", await File.ReadAllTextAsync(Path.Combine(output, "more"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task OnlyWhatChangedIsSentAgain()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nCOPY . /app/\nRUN cat /app/a.txt /app/d/b.txt > /seen\nCMD cat /seen\n"), ("a.txt", "A\n"), ("d/b.txt", "B\n"), ("large", new string('x', 3 << 20)), (".dockerignore", "*.log"));
        Assert.True(await SentAsync(project) > 3 << 20);
        Assert.InRange(await SentAsync(project), 1, 4096);
        Assert.Equal("A\nB\n", await RunAsync("changes"));

        project.Put("a.txt", "changed\n");
        project.Put("ignored.log", new string('y', 1 << 20));
        Assert.InRange(await SentAsync(project), 1, 4096);
        Assert.Equal("changed\nB\n", await RunAsync("changes"));

        File.Delete(Path.Combine(project.Folder, "a.txt"));
        project.Put("a.txt/file", "");
        Assert.NotEqual(0, (await Engine.GantryAsync("build", project.Folder)).ExitCode);
        Directory.Delete(Path.Combine(project.Folder, "a.txt"), recursive: true);
        File.CreateSymbolicLink(Path.Combine(project.Folder, "a.txt"), "d/b.txt");
        Assert.InRange(await SentAsync(project), 1, 4096);
        Assert.Equal("B\nB\n", await RunAsync("changes"));
    }

    [Fact]
    public async Task AContextIsForTwoBuildsAtOnceAndStaysWhileTheyHaveIt()
    {
        const string Mount = "--mount=type=cache,target=/signs,id=signs-of-two-builds";
        using var project = new Project(("Dockerfile", $"FROM busybox\nARG WHO\nRUN {Mount} touch /signs/$WHO; until [ -e /signs/go ]; do sleep 0.05; done\nCOPY a.txt /\nCMD cat /a.txt\n"), ("a.txt", "A\n"));
        using var signs = new Project(
            ("Wait", $"FROM busybox\nRUN {Mount} until [ -e /signs/0 ] && [ -e /signs/1 ]; do sleep 0.05; done\n"),
            ("Go", $"FROM busybox\nRUN {Mount} touch /signs/go\n"));
        var building = Enumerable.Range(0, 2).Select(i => Engine.GantryAsync("build", "-t", $"both:{i}", "--build-arg", $"WHO={i}", project.Folder)).ToList();
        (await Engine.GantryAsync("build", "-f", Path.Combine(signs.Folder, "Wait"), signs.Folder)).Succeeded();
        (await Engine.GantryAsync("builder", "prune", "-af")).Succeeded();
        (await Engine.GantryAsync("build", "-f", Path.Combine(signs.Folder, "Go"), signs.Folder)).Succeeded();
        foreach (var build in building)
            (await build).Succeeded();
        Assert.Equal("A\nA\n", await RunAsync("both:0") + await RunAsync("both:1"));
    }

    /// <summary>Builds, and returns how many bytes of the context came.</summary>
    private async Task<long> SentAsync(Project project)
    {
        var built = (await Engine.GantryAsync("build", "-t", "changes", "--progress", "rawjson", project.Folder)).Succeeded();
        return built.Error.Split('\n').Where(static line => line.Contains("transferring context:", StringComparison.Ordinal))
            .Max(static line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("status").GetProperty("current").GetInt64());
    }

    [Fact]
    public async Task ResultsGoWhereTheyAreWanted()
    {
        await using var registry = await RegistryFixture.StartEmptyAsync();
        var name = $"127.0.0.1:{registry.Port}/own:1";
        using var project = new Project(("Dockerfile", "FROM --platform=$BUILDPLATFORM busybox AS b\nARG TARGETARCH\nRUN echo $TARGETARCH > /for\nFROM scratch\nCOPY --from=b /for /\n"));
        var (metadata, idFile, layout) = (project.Folder + "/m.json", project.Folder + "/id", project.Folder + "/layout");
        (await Engine.GantryAsync("build", "--push", "-t", name, "--platform", "linux/amd64,linux/arm64", "--provenance", "true", "--sbom", "true", "--metadata-file", metadata, "--iidfile", idFile, project.Folder)).Succeeded();
        var told = JsonDocument.Parse(await File.ReadAllTextAsync(metadata, TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(told.GetProperty("containerimage.digest").GetString(), await File.ReadAllTextAsync(idFile, TestContext.Current.CancellationToken));
        Assert.StartsWith("gantry/gantry/", told.GetProperty("buildx.build.ref").GetString(), StringComparison.Ordinal);
        Assert.Equal(name, told.GetProperty("image.name").GetString());
        Assert.Contains("attestation-manifest", (await Command.RunAsync("skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://" + name])).Succeeded().Text, StringComparison.Ordinal);

        (await Engine.GantryAsync("build", "-t", "own:layout", "--annotation", "k=v", "-o", $"type=oci,dest={layout},tar=false,compression=zstd", project.Folder)).Succeeded();
        Assert.Contains("\"k\":\"v\"", (await Command.RunAsync("skopeo", ["inspect", "--raw", $"oci:{layout}:layout"])).Succeeded().Text, StringComparison.Ordinal);
        (await Command.RunAsync("sh", ["-c", $"{Repository.Program("gantry")} --host {Engine.Host} build -q -o - {project.Folder} | tar -t | grep -x for"])).Succeeded();
        var refused = await Engine.GantryAsync("build", "-t", "own:2", "--platform", "linux/amd64,linux/arm64", project.Folder);
        Assert.Contains("exporting multiple references to image store is currently unsupported", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABuildBeginsWithAnImageOfALayout()
    {
        using var layouts = new Project();
        using var first = new Project(("Dockerfile", "FROM busybox\nENV FROM_LAYOUT=yes\nRUN echo there > /file\n"));
        using var second = new Project(("Dockerfile", "FROM base\nRUN echo $FROM_LAYOUT >> /file\nCMD cat /file\n"));
        (await Engine.GantryAsync("build", "-t", "any:1.0", "-o", $"type=oci,dest={layouts.Folder}/layout,tar=false,compression=zstd", first.Folder)).Succeeded();
        foreach (var name in (string[])["layout", "layout:1.0"])
        {
            (await Engine.GantryAsync("build", "-t", "own:on-layout", "--build-context", $"base=oci-layout://{layouts.Folder}/{name}", second.Folder)).Succeeded();
            Assert.Equal("there\nyes\n", await RunAsync("own:on-layout"));
        }

        (await Command.RunAsync("skopeo", ["copy", "--quiet", $"oci:{layouts.Folder}/layout:1.0", $"oci:{layouts.Folder}/layout:other"])).Succeeded();
        Assert.Contains("it has 1.0, other", (await Engine.GantryAsync("build", "--build-context", $"base=oci-layout://{layouts.Folder}/layout:2", second.Folder)).Error, StringComparison.Ordinal);
        Assert.Contains("is no OCI layout", (await Engine.GantryAsync("build", "--build-context", $"base=oci-layout://{second.Folder}", second.Folder)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StandardInputMayBeEither()
    {
        Assert.Equal(0, (await Engine.GantryWithInputAsync("FROM busybox\nCMD echo alone\n", "build", "-q", "-t", "own:alone", "-")).ExitCode);
        Assert.Equal("alone\n", await RunAsync("own:alone"));
        using var project = new Project(("a.txt", "A\n"));
        (await Engine.GantryWithInputAsync("FROM busybox\nCOPY a.txt /\nCMD cat /a.txt\n", "build", "-q", "-t", "own:mixed", "-f", "-", project.Folder)).Succeeded();
        Assert.Equal("A\n", await RunAsync("own:mixed"));
        project.Put("Dockerfile", "FROM busybox\nCOPY a.txt /b\nCMD cat /b\n");
        (await Command.RunAsync("sh", ["-c", $"{Repository.Program("gantry")} --host {Engine.Host} build -q -t own:tar - < {project.Archive()}"])).Succeeded();
        Assert.Equal("A\n", await RunAsync("own:tar"));
    }

    [Fact]
    public async Task ATerminalShowsALivePicture()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN echo hello-$((40+2)) && sleep 1\n"));
        var session = await Command.RunAsync("script", ["-qec", $"{Repository.Program("gantry")} --host {Engine.Host} build --no-cache {project.Folder}", "/dev/null"]);
        Assert.Contains("[+] Building ", session.Output, StringComparison.Ordinal);
        Assert.Contains(" => => # hello-42", session.Output, StringComparison.Ordinal);
        Assert.Contains(" FINISHED", session.Output, StringComparison.Ordinal);
    }
}
