using Gantry.Tests.Support;
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
