using Gantry.Build;
using Gantry.Engine.Builds;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>What the build cache keeps, and for how long; what builds share while they run.</summary>
public sealed class KeepingTests
{
    private const string TwoSteps = "FROM busybox:test\nRUN busybox dd if=/dev/zero of=/a bs=1000 count=100\nRUN busybox dd if=/dev/zero of=/b bs=1000 count=100\n";

    [Fact]
    public async Task EachLayerCountsOnceAndWhatStandsOnOthersGoesFirst()
    {
        await using var host = await BuildHost.StartAsync();
        await host.BuildAsync(TwoSteps, spec => spec with { Outputs = [] });
        var records = host.Host.Engine.Builds.ListCache();
        Assert.Equal([100_000L, 100_000L], records.Select(r => r.SizeBytes));
        Assert.Equal(["[3/3]", "[2/3]"], records.Select(r => r.Description[..5]));
        Assert.Equal(records[1].Owner, records[0].Parent);
        Assert.Equal(records[0].Owner, Assert.Single(host.Host.Engine.Builds.Prune(new BuildCachePrune { MaxUsedBytes = 150_000 })).Owner);
        await host.BuildAsync(TwoSteps);
        Assert.Single(host.Log.Cached);
        // The image has all of it: nothing is the cache's alone.
        Assert.Equal(0, host.Host.Engine.Builds.ListCache().Sum(r => r.SizeBytes));
        Assert.Empty(host.Host.Engine.Builds.Prune(new BuildCachePrune()));
    }

    [Fact]
    public async Task WhatABuildReliesOnStaysWhileItRuns()
    {
        await using var host = await BuildHost.StartAsync();
        await host.BuildAsync(TwoSteps, spec => spec with { Outputs = [] });
        host.Write("Dockerfile", TwoSteps + "RUN --mount=type=cache,target=/c touch /c/x; echo begun; while ! test -e /c/go; do sleep 0.05; done\n");
        var log = new BuildLog();
        var build = host.Host.Engine.Builds.BuildAsync(new BuildSpec { Outputs = [new BuildOutput { Kind = BuildOutputKind.Image, Names = ["built:test"] }] }, host.Session, log, host.Host.Token);
        await ContainerLifeTests.Eventually(() => Task.FromResult(log.Output), output => output.Contains("begun", StringComparison.Ordinal));
        Assert.Equal(3, host.Host.Engine.Builds.ListCache().Count(r => r.IsInUse));
        Assert.Empty(host.Host.Engine.Builds.Prune(new BuildCachePrune { All = true }));
        await File.WriteAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(host.Host.DataRoot, "builds", "caches"))), "go"), "", host.Host.Token);
        Assert.NotNull((await build).Image);
        Assert.NotEmpty(host.Host.Engine.Builds.Prune(new BuildCachePrune { All = true }));
        Assert.Empty(host.Host.Engine.Builds.ListCache());
    }

    [Fact]
    public async Task TheCacheKeepsWithinItsLimitsByItself()
    {
        await using var host = await BuildHost.StartAsync(options => options with { BuildCache = new CacheLimits { Rules = [new BuildCachePrune { MaxUsedBytes = 150_000 }] } });
        await host.BuildAsync(TwoSteps, spec => spec with { Outputs = [] });
        // The engine looked when it began; a minute later it would again, or the next engine does.
        await host.Host.CloseAsync();
        await host.Host.OpenAsync();
        await Eventually.HoldsAsync("the cache is within its limits", () => Task.FromResult(host.Host.Engine.Builds.ListCache() is [{ SizeBytes: 100_000 }]));
    }

    [Fact]
    public async Task TwoBuildsRunAStepOnce()
    {
        await using var host = await BuildHost.StartAsync();
        const string Dockerfile = "FROM busybox:test\nRUN --mount=type=cache,target=/c echo ran >> /c/log; echo begun; sleep 0.3; cat /c/log > /log\n";
        host.Write("Dockerfile", Dockerfile);
        var logs = new[] { new BuildLog(), new BuildLog() };
        var outcomes = await Task.WhenAll(logs.Select((log, i) => host.Host.Engine.Builds.BuildAsync(
            new BuildSpec { Outputs = [new BuildOutput { Kind = BuildOutputKind.Image, Names = [$"built:{i}"] }] }, new DirectorySession(host.Context), log, host.Host.Token)));
        Assert.Equal(outcomes[0].Image, outcomes[1].Image);
        await host.BuildAsync("FROM built:0\n");
        Assert.Equal("ran\n", await host.ShellAsync("cat /log"));
        Assert.All(logs, log => Assert.True(log.Output.Contains("begun", StringComparison.Ordinal) || log.Cached.Count == 1));
    }

    [Fact]
    public async Task AFullDiskFailsTheBuildInWordsAndLeavesRoom()
    {
        var root = Directory.CreateTempSubdirectory("gantry-small-").FullName;
        (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", root])).Succeeded();
        try
        {
            await using var host = await BuildHost.StartAsync(options => options with { DataRoot = Path.Combine(root, "data") });
            var before = Free(root);
            // A program meets it, and a copy does.
            var failure = await Assert.ThrowsAsync<GantryException>(() => host.BuildAsync("FROM busybox:test\nRUN busybox dd if=/dev/zero of=/big bs=1M count=100\n"));
            Assert.Contains("exit code: 1", failure.Message, StringComparison.Ordinal);
            Assert.Contains("No space left on device", host.Log.Output, StringComparison.Ordinal);
            await Eventually.HoldsAsync("what the step wrote is gone", () => Task.FromResult(Free(root) > before - (4 << 20)));
            await host.BuildAsync("FROM busybox:test\nRUN busybox dd if=/dev/zero of=/half bs=1M count=20\n", spec => spec with { Outputs = [] });
            failure = await Assert.ThrowsAsync<GantryException>(() => host.BuildAsync("FROM busybox:test AS made\nRUN busybox dd if=/dev/zero of=/half bs=1M count=20\nFROM busybox:test\nCOPY --from=made --chmod=700 /half /\nCOPY --from=made --chmod=750 /half /again\n"));
            Assert.Equal(ErrorKind.Exhausted, failure.Kind);
            // What was built before is still there, and with the cache gone there is room again.
            host.Host.Engine.Builds.Prune(new BuildCachePrune { All = true });
            await Eventually.HoldsAsync("there is room", () => Task.FromResult(Free(root) > before - (4 << 20)));
            await host.BuildAsync("FROM busybox:test\nRUN busybox dd if=/dev/zero of=/half bs=1M count=20\n");
            Assert.Equal("20971520\n", await host.ShellAsync("stat -c %s /half"));
        }
        finally
        {
            await Command.RunAsync("umount", ["-l", root]);
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task AStepThatMakesOtherFilesEachTimeIsNamed()
    {
        await using var host = await BuildHost.StartAsync();
        await host.BuildAsync("FROM busybox:test\nRUN echo same > /same && mkdir /d\n", spec => spec with { Verify = true });
        var kept = host.Host.Engine.Builds.ListCache().Count;
        var failure = await Assert.ThrowsAsync<GantryException>(() => host.BuildAsync(
            "FROM busybox:test\nRUN echo same > /same && mkdir /d\nRUN cat /proc/sys/kernel/random/uuid > /d/other && touch /d/$(cat /d/other)\nCOPY Dockerfile /\n", spec => spec with { Verify = true }));
        Assert.StartsWith("the build is not reproducible: \"[3/4] RUN cat /proc/", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/d/other (content)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("only in the first build", failure.Message, StringComparison.Ordinal);
        Assert.Equal(new SourceLines(3, 3), FailureCauses.Find<DockerfileException>(failure)!.Lines);
        // The second build leaves nothing in the cache.
        Assert.Equal(kept + 2, host.Host.Engine.Builds.ListCache().Count);
        // With a time, times count as well, and are no reason.
        await host.BuildAsync("FROM busybox:test\nRUN echo same > /same\n", spec => spec with { Verify = true, Arguments = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = "1700000000" } });
    }

    private static long Free(string path) => new DriveInfo(path).AvailableFreeSpace;
}
