using Gantry.Tests.E2E.Oracle;
using Gantry.Tests.Support;
using Gantry.Tests.Support.Peers;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>The cache of builds, by the command line and through crashes.</summary>
public sealed class CacheTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task TheCacheOfFinishedStepsSurvivesKill9()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN echo first > /first\nRUN test -e /first && echo begun && sleep 1000\n"));
        using (var build = Command.Start(Repository.Program("gantry"), ["-H", Engine.Host, "build", "--progress", "plain", project.Folder]))
        {
            await Eventually.GetAsync("the second step runs", async () => await build.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line.EndsWith(" begun", StringComparison.Ordinal) ? line : null);
            await Engine.KillEngineAsync();
            await build.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.NotEqual(0, build.ExitCode);
        }

        await Engine.StartEngineAsync();
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "Dockerfile"), "FROM busybox\nRUN echo first > /first\nRUN test -e /first && echo begun && true\n", TestContext.Current.CancellationToken);
        var again = (await Engine.GantryAsync("build", "--progress", "plain", project.Folder)).Succeeded();
        Assert.Matches(@"(?s)\[2/3\] RUN echo first > /first\n.*CACHED", again.Error);
        // The step that was cut off has left nothing: no process, no files.
        Assert.Empty(Directory.GetDirectories(Path.Combine(Engine.Root, "data", "snapshots")));
    }

    [Fact]
    public async Task ADirectoryHoldsTheCacheOfAnotherEngine()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN echo once > /once\n"));
        using var cache = new Project(("note", ""));
        (await Engine.GantryAsync("build", "--cache-to", $"type=local,dest={cache.Folder}/c", project.Folder)).Succeeded();
        Assert.True(File.Exists(Path.Combine(cache.Folder, "c", "index.json")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(cache.Folder, "c", "blobs", "sha256")));
        (await Engine.GantryAsync("builder", "prune", "-af")).Succeeded();
        var again = (await Engine.GantryAsync("build", "--progress", "plain", "--cache-from", $"type=local,src={cache.Folder}/c", "-t", "cached", project.Folder)).Succeeded();
        Assert.Contains("CACHED", again.Error, StringComparison.Ordinal);
        Assert.Equal("once", (await Engine.GantryAsync("run", "--rm", "cached", "cat", "/once")).Succeeded().Text);
        // The first build has none yet.
        (await Engine.GantryAsync("build", "--cache-from", $"type=local,src={cache.Folder}/none", project.Folder)).Succeeded();
    }

    [Fact]
    public async Task BuildxReadsWhatGantryWrote()
    {
        using var plugins = await DockerPlugins.CreateAsync(newest: true);
        await using var registry = await RegistryFixture.StartEmptyAsync();
        using var project = new Project(("Dockerfile", "FROM busybox AS side\nRUN echo side > /side\nFROM busybox\nCOPY file /file\nRUN cat /file > /copied\nCOPY --from=side /side /\n"), ("file", "content\n"));
        using var cache = new Project(("note", ""));
        var (name, local) = ($"127.0.0.1:{registry.Port}/cache:main", $"{cache.Folder}/c");
        (await Engine.GantryAsync("build", "--cache-to", $"type=local,dest={local},mode=max", "--cache-to", $"type=registry,ref={name},mode=max", project.Folder)).Succeeded();
        foreach (var from in (string[])[$"type=local,src={local}", $"type=registry,ref={name}", name])
        {
            (await Engine.GantryAsync("builder", "prune", "-af")).Succeeded();
            var built = (await plugins.DockerAsync(Engine, "buildx", "build", "--progress", "plain", "--cache-from", from, "-t", "read:1", project.Folder)).Succeeded();
            Assert.Contains("importing cache manifest from", built.Error, StringComparison.Ordinal);
            Assert.Equal(4, built.Error.Split(" CACHED\n").Length - 1);
            Assert.Equal("content\nside\n", (await Engine.DockerAsync("run", "--rm", "read:1", "cat", "/copied", "/side")).Succeeded().Output);
        }

        // Without it all of it runs; what is not there is told, and done without.
        (await Engine.GantryAsync("builder", "prune", "-af")).Succeeded();
        Assert.DoesNotContain(" CACHED\n", (await plugins.DockerAsync(Engine, "buildx", "build", "--progress", "plain", "--cache-from", name + "-none", project.Folder)).Succeeded().Error, StringComparison.Ordinal);

        // And gantry reads what buildx had written.
        (await plugins.DockerAsync(Engine, "buildx", "build", "--cache-to", $"type=registry,ref={name}-2,mode=max", "--cache-to", $"type=local,dest={local}2,mode=max", project.Folder)).Succeeded();
        foreach (var from in (string[])[$"type=local,src={local}2", $"type=registry,ref={name}-2"])
        {
            (await Engine.GantryAsync("builder", "prune", "-af")).Succeeded();
            Assert.Equal(4, (await Engine.GantryAsync("build", "--progress", "plain", "--cache-from", from, project.Folder)).Succeeded().Error.Split(" CACHED\n").Length - 1);
        }
    }

    [Fact]
    public async Task BuildxPutsACacheIntoAnImage()
    {
        using var plugins = await DockerPlugins.CreateAsync(newest: true);
        await using var registry = await RegistryFixture.StartEmptyAsync();
        using var project = new Project(("Dockerfile", "FROM busybox\nCOPY file /file\nRUN cat /file > /copied\n"), ("file", "content\n"));
        var name = $"127.0.0.1:{registry.Port}/app:1";
        (await plugins.DockerAsync(Engine, "buildx", "build", "--push", "-t", name, "--provenance", "false", "--cache-to", "type=inline", project.Folder)).Succeeded();
        (await Engine.GantryAsync("builder", "prune", "-af")).Succeeded();
        foreach (var build in (string[][])[["buildx", "build", "--cache-from", $"type=registry,ref={name}"], ["build", "--cache-from", name]])
            Assert.Equal(2, (await plugins.DockerAsync(Engine, [.. build, "--progress", "plain", project.Folder])).Succeeded().Error.Split(" CACHED\n").Length - 1);
        Assert.Equal(2, (await Engine.GantryAsync("build", "--progress", "plain", "--cache-from", name, project.Folder)).Succeeded().Error.Split(" CACHED\n").Length - 1);
    }

    [Fact]
    public async Task DockerdTakesItForACache()
    {
        using var plugins = await DockerPlugins.CreateAsync();
        using var project = new Project(("Dockerfile", "FROM scratch\nCOPY file /file\nCOPY file /again\n"), ("file", "content\n"));
        using var cache = new Project(("note", ""));
        await using var dockerd = await Dockerd.StartAsync("10.215.9.1/24");
        foreach (var shape in (string[])["", ",image-manifest=false,compression=gzip", ",oci-mediatypes=false"])
        {
            var local = $"{cache.Folder}/c{shape.Length}";
            (await Engine.GantryAsync("build", "--cache-to", $"type=local,dest={local},mode=max{shape}", project.Folder)).Succeeded();
            var built = await Command.RunAsync("docker", ["-H", $"unix://{dockerd.Socket}", "buildx", "build", "--progress", "plain", "--cache-from", $"type=local,src={local}", project.Folder], environment: new Dictionary<string, string?> { ["DOCKER_CONFIG"] = plugins.Folder });
            // The keys are another engine's, so that the steps run; but it reads the cache to its end.
            Assert.Matches(@"#(\d+) importing cache manifest from local:\d+\n(?s:.*)#\1 DONE", built.Succeeded().Error);
            Assert.DoesNotContain("failed to", built.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ABuildIsVerifiedAndTheCacheMeasured()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN --mount=type=cache,target=/c echo same > /same\n"));
        (await Engine.GantryAsync("build", "--verify", project.Folder)).Succeeded();
        Assert.Matches(@"\nTotal:\s+[\d.]+k?B\n", (await Engine.GantryAsync("builder", "du")).Succeeded().Output);
        Assert.Contains("Type:\t\texec.cachemount\n", (await Engine.GantryAsync("builder", "du", "--verbose", "--filter", "type=exec.cachemount")).Succeeded().Output, StringComparison.Ordinal);
        using var other = new Project(("Dockerfile", "FROM busybox\nRUN cat /proc/sys/kernel/random/uuid > /other\n"));
        var failed = await Engine.GantryAsync("build", "--verify", other.Folder);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("made other files the second time: /other (content)", failed.Error, StringComparison.Ordinal);
        Assert.Contains(">>> RUN cat /proc", failed.Error, StringComparison.Ordinal);
    }
}
