using System.Text;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build;

public sealed class SolverTests : IDisposable
{
    private readonly FakeRunner _runner = new();
    private readonly Solver _solver;

    public SolverTests() => _solver = new(_runner, TimeProvider.System, 4);

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose() => _solver.Dispose();

    private Task<StepResult> SolveAsync(Vertex target) => _solver.SolveAsync(target, _runner, _runner, Test);

    [Fact]
    public async Task RunsWhatTheTargetNeedsOnce()
    {
        var image = Graphs.Image();
        var left = Graphs.Run("left", image);
        var right = Graphs.Run("right", image);
        _ = Graphs.Run("unused", image);
        var result = await SolveAsync(new MergeStep([left, right]) { Name = "merge" });
        Assert.Equal("merge(left(image()),right(image()))", result.Reference);
        Assert.Equal(["image", "left", "merge", "right"], _runner.Ran.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AnUnchangedBuildRunsSourcesOnly()
    {
        await SolveAsync(Graphs.Run("two", Graphs.Run("one", Graphs.Image())));
        _runner.Ran.Clear();
        await SolveAsync(Graphs.Run("two", Graphs.Run("one", Graphs.Image())));
        Assert.Equal(["image"], _runner.Ran);
        Assert.Equal(["one", "two"], _runner.Cached());
    }

    [Fact]
    public async Task AnotherImageBehindTheTagRunsEverything()
    {
        await SolveAsync(Graphs.Run("one", Graphs.Image()));
        _runner.Contents["image"] = "newer";
        var result = await SolveAsync(Graphs.Run("one", Graphs.Image()));
        Assert.Equal("one(newer)", result.Reference);
    }

    [Fact]
    public async Task ACopyIsCachedWhenOnlyOtherFilesChanged()
    {
        _runner.Contents["context"] = "old";
        _runner.Selected["old"] = _runner.Selected["new"] = "package.json";
        await SolveAsync(Graphs.Run("install", Graphs.Copy(Graphs.Image(), Graphs.Context())));
        _runner.Contents["context"] = "new";
        _runner.Ran.Clear();
        await SolveAsync(Graphs.Run("install", Graphs.Copy(Graphs.Image(), Graphs.Context())));
        Assert.Equal(["context", "image"], _runner.Ran.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ACopyRunsWhenItsFilesChanged()
    {
        _runner.Contents["context"] = "old";
        await SolveAsync(Graphs.Copy(Graphs.Image(), Graphs.Context()));
        _runner.Contents["context"] = "new";
        Assert.Equal("copy(image(),new)", (await SolveAsync(Graphs.Copy(Graphs.Image(), Graphs.Context()))).Reference);
    }

    [Fact]
    public async Task WhatFollowsAStepWithoutCacheIsBuiltOnItsNewResult()
    {
        _runner.Contents["fetch"] = "monday";
        await SolveAsync(Graphs.Run("use", Graphs.Run("fetch", Graphs.Image())));
        _runner.Contents["fetch"] = "tuesday";
        Assert.Equal("use(tuesday)", (await SolveAsync(Graphs.Run("use", Graphs.Run("fetch", Graphs.Image(), ignoreCache: true)))).Reference);
    }

    [Fact]
    public async Task WhatFollowsIsCachedWhenAStepMadeTheSameAgain()
    {
        await SolveAsync(Graphs.Run("use", Graphs.Run("fetch", Graphs.Image())));
        _runner.Ran.Clear();
        await SolveAsync(Graphs.Run("use", Graphs.Run("fetch", Graphs.Image(), ignoreCache: true)));
        Assert.Equal(["fetch", "image"], _runner.Ran.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task IndependentStepsRunAtTheSameTime()
    {
        var both = new CountdownEvent(2);
        var met = new TaskCompletionSource();
        _runner.During = (vertex, _, token) =>
        {
            if (vertex is not ExecStep)
                return Task.CompletedTask;
            if (both.Signal())
                met.SetResult();
            return met.Task.WaitAsync(token);
        };
        var image = Graphs.Image();
        await SolveAsync(new MergeStep([Graphs.Run("left", image), Graphs.Run("right", image)]) { Name = "merge" });
        Assert.True(met.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task TheFirstFailureStopsTheRestAndIsTold()
    {
        var started = new TaskCompletionSource();
        var stopped = false;
        _runner.During = async (vertex, _, token) =>
        {
            if (vertex.Name == "bad")
            {
                await started.Task;
                throw GantryException.Of(ErrorKind.Invalid, "exit code 3");
            }

            if (vertex.Name != "slow")
                return;
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                stopped = true;
            }
        };
        var image = Graphs.Image();
        var failure = await Assert.ThrowsAsync<GantryException>(() => SolveAsync(new MergeStep([Graphs.Run("slow", image), Graphs.Run("bad", image)]) { Name = "merge" }));
        Assert.Equal("exit code 3", failure.Message);
        Assert.True(stopped);
        Assert.Equal("exit code 3", Assert.Single(_runner.Vertices, v => v.Name == "bad" && v.Error is not null).Error);
        Assert.Equal("canceled", Assert.Single(_runner.Vertices, v => v.Name == "slow" && v.Error is not null).Error);
        Assert.DoesNotContain("merge", _runner.Ran);
    }

    [Fact]
    public async Task AFailureIsNotCached()
    {
        _runner.During = (vertex, _, _) => vertex is ExecStep ? throw GantryException.Of(ErrorKind.Invalid, "no") : Task.CompletedTask;
        await Assert.ThrowsAsync<GantryException>(() => SolveAsync(Graphs.Run("one", Graphs.Image())));
        _runner.During = (_, _, _) => Task.CompletedTask;
        Assert.Equal("one(image())", (await SolveAsync(Graphs.Run("one", Graphs.Image()))).Reference);
    }

    [Fact]
    public async Task TwoBuildsShareAStepAndItsOutput()
    {
        var (running, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _runner.During = async (vertex, progress, _) =>
        {
            if (vertex is not ExecStep)
                return;
            progress.Report(new VertexLog { Vertex = vertex.Digest, Stream = 1, Data = "hello"u8.ToArray(), Time = default });
            running.SetResult();
            await go.Task;
        };
        var first = SolveAsync(Graphs.Run("one", Graphs.Image()));
        await running.Task;
        var late = new FakeRunner();
        var second = _solver.SolveAsync(Graphs.Run("one", Graphs.Image()), _runner, late, Test);
        await Eventually(() => late.Logs.Count == 1);
        go.SetResult();
        Assert.Equal(await first, await second);
        Assert.Single(_runner.Ran, "one");
        Assert.Equal("hello", Encoding.UTF8.GetString(Assert.Single(late.Logs).Data.Span));
    }

    [Fact]
    public async Task ASharedStepGoesOnWhenOneClientLeavesAndStopsWhenAllDid()
    {
        var running = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        _runner.During = async (vertex, _, token) =>
        {
            if (vertex is not ExecStep)
                return;
            using var registration = token.Register(() => stopped.SetResult());
            running.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();
        var first = _solver.SolveAsync(Graphs.Run("one", Graphs.Image()), _runner, _runner, one.Token);
        await running.Task;
        var late = new FakeRunner();
        var second = _solver.SolveAsync(Graphs.Run("one", Graphs.Image()), _runner, late, two.Token);
        await Eventually(() => late.Vertices.Any(v => v.Name == "one"));
        await one.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(stopped.Task.IsCompleted);
        await two.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.True(stopped.Task.IsCompleted);
    }

    [Fact]
    public async Task StepsWithSecretsAreNotShared()
    {
        var two = new CountdownEvent(2);
        var both = new TaskCompletionSource();
        _runner.During = (vertex, _, token) =>
        {
            if (vertex is not ExecStep)
                return Task.CompletedTask;
            if (two.Signal())
                both.SetResult();
            return both.Task.WaitAsync(token);
        };
        await Task.WhenAll(SolveAsync(Graphs.RunWithSecret()), SolveAsync(Graphs.RunWithSecret()));
        Assert.Equal(2, _runner.Ran.Count(n => n == "secret"));
    }

    [Fact]
    public async Task StepsThatReadFilesOfOneBuildAreNotShared()
    {
        var two = new CountdownEvent(2);
        var both = new TaskCompletionSource();
        _runner.During = (vertex, _, token) =>
        {
            if (vertex is not FileStep)
                return Task.CompletedTask;
            if (two.Signal())
                both.SetResult();
            return both.Task.WaitAsync(token);
        };
        await Task.WhenAll(SolveAsync(Added()), SolveAsync(Added()));
        Assert.Equal(2, _runner.Ran.Count(n => n == "get"));
        Assert.Equal(2, _runner.Ran.Count(n => n == "add"));

        static FileStep Added() => new("add", [Graphs.Image(), new HttpSource { Name = "get", Url = "http://example.test/x" }], 0, [new CopyAction { From = 1, Sources = ["/x"], Destination = "/" }]);
    }

    [Fact]
    public async Task AChainOfManyThousandStepsIsSolved()
    {
        Vertex vertex = Graphs.Image();
        for (var i = 0; i < 20_000; i++)
        {
            _runner.Contents[$"{i}"] = $"{i}";
            vertex = Graphs.Run($"{i}", vertex);
        }

        Assert.Equal("19999", (await SolveAsync(vertex)).Reference);
    }

    private static async Task Eventually(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Test);
    }
}
