using System.Text;
using Gantry.Build;
using Gantry.Engine.History;
using Gantry.Model;
using Gantry.Tests.Unit.Api.Builds;
using Xunit;

namespace Gantry.Tests.Unit.Engine.History;

public sealed class BuildHistoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-history-").FullName;
    private readonly BuildHistory _history;

    public BuildHistoryTests() => _history = BuildHistory.Open(Path.Combine(_root, "logs"), TimeProvider.System);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static readonly BuildSpec s_spec = new()
    {
        Arguments = new Dictionary<string, string?> { ["TOKEN"] = "hush" },
        Outputs = [new() { Kind = BuildOutputKind.Image, Names = ["docker.io/library/app:latest"] }],
    };

    private sealed class Listener : IBuildProgress
    {
        public List<string> Heard { get; } = [];

        public void Report(VertexProgress vertex) => Heard.Add(vertex.Name);

        public void Report(VertexLog log) => Heard.Add(Encoding.UTF8.GetString(log.Data.Span));

        public void Report(VertexStatus status) => Heard.Add(status.Id);

        public void Report(VertexWarnings warnings) => Heard.AddRange(warnings.Warnings.Select(static warning => warning.Rule));
    }

    private async Task<List<string>> BuildAsync(Func<FakeBuilder, CancellationToken, Task<BuildOutcome>> build, CancellationToken cancellationToken = default)
    {
        var listener = new Listener();
        var builder = new LoggedBuilder(new FakeBuilder(build), _history);
        try
        {
            await builder.BuildAsync(s_spec, null!, listener, cancellationToken);
        }
        catch (Exception e) when (e is GantryException or OperationCanceledException)
        {
            listener.Heard.Add(e.GetType().Name);
        }

        return listener.Heard;
    }

    private string Log(string id)
    {
        using var reader = new StreamReader(_history.OpenLog(id));
        return reader.ReadToEnd();
    }

    [Fact]
    public async Task TheWholeLogIsKeptAndPassedOn()
    {
        var heard = await BuildAsync((builder, _) =>
        {
            builder.Start("[1/1] RUN x");
            builder.Log("[1/1] RUN x", "said\n");
            builder.End("[1/1] RUN x");
            var running = Assert.Single(_history.List());
            Assert.Equal(("running", null), (running.Status, running.Ended));
            return Task.FromResult(FakeBuilder.Outcome());
        });
        Assert.Equal(["[1/1] RUN x", "said\n", "[1/1] RUN x"], heard);
        var record = Assert.Single(_history.List());
        Assert.Equal(("built", "docker.io/library/app:latest"), (record.Status, Assert.Single(record.Names)));
        Assert.NotNull(record.Ended);
        var log = Log(record.Id);
        Assert.Equal(Log("latest"), log);
        Assert.Contains(Convert.ToBase64String("said\n"u8), log, StringComparison.Ordinal);
        Assert.Contains("\"result\"", log, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", log, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.EnumerateFiles(Path.Combine(_root, "logs")))));
    }

    [Fact]
    public async Task FailuresAndCancellationsAreKeptToo()
    {
        Assert.Equal([nameof(GantryException)], await BuildAsync(static (_, _) => throw GantryException.Of(ErrorKind.Invalid, "no such stage")));
        Assert.Contains("no such stage", Log("latest"), StringComparison.Ordinal);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        Assert.Equal([nameof(OperationCanceledException)], await BuildAsync(static (_, token) => throw new OperationCanceledException(token), gone.Token));
        Assert.Equal(["canceled", "failed"], _history.List().Select(static record => record.Status));
    }

    [Fact]
    public async Task OldBuildsMakeRoomForNewOnes()
    {
        for (var i = 0; i < BuildHistory.MostBuilds + 3; i++)
            await BuildAsync(static (_, _) => Task.FromResult(FakeBuilder.Outcome()));
        Assert.Equal(BuildHistory.MostBuilds, _history.Ids.Count);
        Assert.Equal(_history.Ids[0], _history.List()[0].Id);
    }

    [Fact]
    public void WhatIsNotKeptIsSaid()
    {
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => _history.OpenLog("latest")).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => _history.OpenLog("../../etc/passwd")).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => _history.OpenLog("")).Kind);
    }

    [Fact]
    public async Task WhatWasDoneIsCounted()
    {
        await BuildAsync((builder, _) =>
        {
            builder.End("[1/3] FROM x", cached: true);
            builder.End("[2/3] RUN y");
            builder.End("[3/3] RUN z", error: "exit code: 1");
            builder.Warn("[1/3] FROM x", "MaintainerDeprecated");
            throw GantryException.Of(ErrorKind.Invalid, "exit code: 1");
        });
        var record = Assert.Single(_history.List());
        Assert.Equal((3, 2, 1, 1, "exit code: 1"), (record.Steps, record.CompletedSteps, record.CachedSteps, record.Warnings, record.Failure));
        Assert.Equal((record.Id, "Dockerfile"), (record.Reference, record.Dockerfile));

        // The same is told again from the log.
        var told = new Listener();
        foreach (var line in Log(record.Id).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            BuildEventReader.Tell(Encoding.UTF8.GetBytes(line), told);
        Assert.Equal(["[1/3] FROM x", "[2/3] RUN y", "[3/3] RUN z", "MaintainerDeprecated"], told.Heard);
    }

    [Fact]
    public async Task ABuildThatTheEngineDiedWithDoesNotRun()
    {
        var changed = _history.Changed;
        await BuildAsync((_, _) =>
        {
            Assert.True(changed.IsCompleted);
            var id = Assert.Single(_history.Ids);
            Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => _history.Remove(id)).Kind);
            // The next engine opens the same directory.
            var record = Assert.Single(BuildHistory.Open(Path.Combine(_root, "logs"), TimeProvider.System).List());
            Assert.Equal(("broken off", "the engine ended before the build"), (record.Status, record.Failure));
            changed = _history.Changed;
            return Task.FromResult(FakeBuilder.Outcome());
        });
        Assert.True(changed.IsCompleted);
        _history.Remove(Assert.Single(_history.Ids));
        Assert.Empty(_history.List());
    }

    [Theory]
    [InlineData("https://user:secret@example.com/r.git#main", "https://example.com/r.git#main")]
    [InlineData("https://example.com/a@b", "https://example.com/a@b")]
    [InlineData("ssh://git@example.com", "ssh://example.com")]
    [InlineData("https://", "https://")]
    [InlineData("git@github.com:a/b.git", "git@github.com:a/b.git")]
    [InlineData("context", "context")]
    public void LoginsInUrlsAreNotKept(string context, string kept) => Assert.Equal(kept, RemoteContext.Redact(context));

    [Fact]
    public void ABrokenFileIsLeftOut()
    {
        File.WriteAllText(Path.Combine(_root, "logs", "20240101T0000000000000-0123456789ab.jsonl"), "{\"build\":");
        File.WriteAllText(Path.Combine(_root, "logs", "x.jsonl"), "");
        Assert.Empty(_history.List());
    }
}
