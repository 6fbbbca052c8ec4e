using System.Diagnostics;
using System.Text.RegularExpressions;
using Gantry.Tests.E2E.Crash;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>Builds that are cut off: by their clients' end, and by the engine's.</summary>
public sealed partial class BuildEndTests : IAsyncLifetime
{
    private const string Cgroup = "gantry-e2e-build-ends";
    private const string Sleep = "sleep 16180339";

    private RegistryFixture _registry = null!;
    private EngineFixture _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await RegistryFixture.StartAsync("busybox");
        _engine = await EngineFixture.StartAsync("--registry-mirror", _registry.Url, "--cgroup-parent", "/" + Cgroup);
        (await _engine.GantryAsync("pull", "-q", "busybox")).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _registry.DisposeAsync();
    }

    [Theory]
    [InlineData("gantry", "INT")]
    [InlineData("gantry", "KILL")]
    [InlineData("docker", "INT")]
    [InlineData("docker", "KILL")]
    public async Task StepsEndWithTheirClientAndLeaveNothing(string client, string signal)
    {
        using var project = new Project(("Dockerfile", Dockerfile()), ("a", "A"));
        var traces = new EngineTraces(_engine, Cgroup);
        var directories = Directories();
        using (var build = Start(client, project))
        {
            var reading = Task.WhenAll(build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
            await Eventually.HoldsAsync("the steps run", async () => await SleepsAsync() == 4);
            (await Command.RunAsync("kill", [$"-{signal}", $"{build.Id}"])).Succeeded();
            var since = Stopwatch.GetTimestamp();
            await Eventually.HoldsAsync("the steps have ended", async () => await SleepsAsync() == 0);
            // At once; the rest is for a machine that has other things to do.
            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            await build.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
            await reading;
        }

        await NothingIsLeftAsync(traces, directories);
    }

    [Fact]
    public async Task AnEngineThatDiesLeavesFinishedStepsAndNothingElse()
    {
        using var project = new Project(("Dockerfile", Dockerfile()), ("a", "A"));
        var traces = new EngineTraces(_engine, Cgroup);
        var directories = Directories();
        using (var build = Start("gantry", project))
        {
            var reading = Task.WhenAll(build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
            await Eventually.HoldsAsync("the steps run", async () => await SleepsAsync() == 4);
            await _engine.KillEngineAsync();
            await build.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
            Assert.NotEqual(0, build.ExitCode);
            await reading;
        }

        await _engine.StartEngineAsync();
        await Eventually.HoldsAsync("the steps have ended", async () => await SleepsAsync() == 0);

        // What had finished is known.
        project.Put("Dockerfile", Dockerfile().Split("FROM prepared AS one")[0]);
        var again = (await _engine.GantryAsync("build", "-t", "again", project.Folder)).Succeeded();
        Assert.Equal(2, Cached().Count(again.Error));
        (await _engine.GantryAsync("rmi", "again")).Succeeded();
        await NothingIsLeftAsync(traces, directories);
    }

    // Two steps at once, each with a process in the background that heeds no signal; mounts of all kinds; layers below that are no image's.
    private static string Dockerfile() => $"""
        FROM busybox AS prepared
        COPY a /a
        RUN echo prepared && touch /prepared
        FROM prepared AS one
        RUN --mount=type=cache,target=/c --mount=type=bind,target=/rw,rw --mount=type=tmpfs,target=/t touch /c/x /rw/x /t/x /y; trap '' INT TERM HUP; {Sleep} & {Sleep}
        FROM prepared AS two
        RUN --network=none --mount=type=bind,from=prepared,target=/p touch /z; trap '' INT TERM HUP; {Sleep} & {Sleep}
        FROM prepared
        COPY --from=one /y /
        COPY --from=two /z /
        """;

    private Process Start(string client, Project project) => client == "gantry"
        ? Command.Start(Repository.Program("gantry"), ["--host", _engine.Host, "build", project.Folder])
        : Command.Start("docker", ["-H", _engine.Host, "build", project.Folder], new Dictionary<string, string?> { ["DOCKER_BUILDKIT"] = "0" });

    private async Task NothingIsLeftAsync(EngineTraces traces, HashSet<string> before)
    {
        IReadOnlyList<string> left = [];
        try
        {
            await Eventually.HoldsAsync("nothing is left", async () =>
            {
                // The steps that finished are the cache's, and go with it as soon as the build is over.
                (await _engine.GantryAsync("builder", "prune", "-af")).Succeeded();
                left = [.. await traces.DifferencesAsync(), .. Directories().Except(before).Select(path => $"{path} is left")];
                return left.Count == 0;
            });
        }
        catch (TimeoutException)
        {
            Assert.Fail(string.Join('\n', left));
        }
    }

    private HashSet<string> Directories() =>
    [
        .. new[] { "data/layers", "data/snapshots", "data/uploads", "data/builds/contexts", "data/builds/caches", "data/builds/sources", "data/builds/scratch", "exec/builds", "exec/containers" }
            .Select(name => Path.Combine(_engine.Root, name)).Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries),
    ];

    private static async Task<int> SleepsAsync() => int.Parse((await Command.RunAsync("pgrep", ["-fc", $"^{Sleep}$"])).Text, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?m)^#\d+ CACHED$")]
    private static partial Regex Cached();
}
