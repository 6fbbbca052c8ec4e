using System.Diagnostics;
using System.Text;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>Clients that go away, wherever their builds are by then: what runs for them alone stops at once, and nothing is left of it.</summary>
public sealed class CancelledBuildTests : IAsyncLifetime
{
    // Layers below the steps that are no image's, made once so that they are there before and after.
    private const string Prepared = "FROM busybox:test AS prepared\nCOPY a /a\nRUN touch /prepared\n";

    private readonly CancellationTokenSource _client = new();
    private BuildHost _host = null!;
    private Traces _before = null!;

    private CancellationToken Token => _host.Host.Token;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildHost.StartAsync();
        _host.Write("a", "A");
        await _host.Host.CreateAsync("true");
        await _host.BuildAsync(Prepared, spec => spec with { Outputs = [] });
        _before = await Traces.TakeSettledAsync(_host.Host, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public async Task StepsStopWithAllTheirProcesses()
    {
        var (build, log) = Begin(Prepared + """
            FROM prepared AS one
            RUN --mount=type=bind,target=/rw,rw --mount=type=tmpfs,target=/t --mount=type=secret,id=s touch /rw/x /t/x /y; trap '' INT TERM HUP; sleep 1000 & sleep 1000 > /dev/null 2>&1 & echo begun; sleep 1000
            FROM prepared AS two
            RUN --network=none --mount=type=bind,from=prepared,target=/p trap '' INT TERM HUP; echo begun; while true; do sleep 1 & wait; done
            FROM prepared
            COPY --from=one /y /
            COPY --from=two /z /
            """);
        await ContainerLifeTests.Eventually(() => Task.FromResult(log.Output), output => output == "begun\nbegun\n");
        await ContainerLifeTests.Eventually(async () => (await Traces.TakeAsync(_host.Host, Token)).Count("process sleep"), count => count >= 3);
        await CancelAsync(build);
    }

    [Fact]
    public async Task AShellThatIsOpenEnds()
    {
        var opened = new TaskCompletionSource();
        _host.Session.Visit = async (_, open, token) =>
        {
            await using var shell = await open(token);
            await shell.Terminal.WriteAsync("trap '' HUP; sleep 1000\n"u8.ToArray(), token);
            opened.SetResult();
            await shell.Terminal.CopyToAsync(Stream.Null, token);
        };
        var (build, _) = Begin(Prepared + "RUN false\n");
        await opened.Task.WaitAsync(Token);
        await CancelAsync(build);
    }

    [Fact]
    public async Task WaitingForACacheOfAnotherBuildEnds()
    {
        const string Locked = Prepared + "ARG WHO\nRUN --mount=type=cache,target=/c,sharing=locked echo $WHO; until [ -e /c/go ]; do sleep 0.05; done; rm /c/go\n";
        using var holder = new CancellationTokenSource();
        var (first, log) = Begin(Locked, "first", holder.Token);
        await ContainerLifeTests.Eventually(() => Task.FromResult(log.Output), output => output == "first\n");
        var (second, waiting) = Begin(Locked, "second");
        await ContainerLifeTests.Eventually(() => Task.FromResult(waiting.Begun.Count(step => step.Contains("echo second", StringComparison.Ordinal))), count => count > 0);
        await StopsAsync(second, _client);
        Assert.Equal("", waiting.Output);
        // The other goes on.
        Assert.False(first.IsCompleted);
        await StopsAsync(first, holder);
        foreach (var cache in _host.Host.Engine.Builds.ListCache().Where(record => record.Kind == "exec.cachemount").ToList())
            _host.Host.Engine.Builds.RemoveFromCache([cache]);
        await _before.AreAllThatIsLeftAsync(_host.Host, Token);
    }

    [Fact]
    public async Task WhatAnotherBuildWaitsForGoesOn()
    {
        const string Shared = "FROM busybox:test\nRUN echo begun; until [ -e /go ]; do sleep 0.05; [ $((i=i+1)) -lt 30 ] || exit 0; done\n";
        var (first, log) = Begin(Shared);
        await ContainerLifeTests.Eventually(() => Task.FromResult(log.Output), output => output == "begun\n");
        var (second, other) = Begin(Shared, cancellationToken: Token);
        await ContainerLifeTests.Eventually(() => Task.FromResult(other.Output), output => output == "begun\n");
        await StopsAsync(first, _client);
        await second;
    }

    [Fact]
    public async Task AClientThatSendsNothingIsWaitedForNoLonger()
    {
        var asked = new TaskCompletionSource();
        _host.Session.Receiving = async token =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        var (build, _) = Begin(Prepared);
        await asked.Task.WaitAsync(Token);
        await CancelAsync(build);
    }

    private (Task<BuildOutcome> Build, BuildLog Log) Begin(string dockerfile, string who = "", CancellationToken? cancellationToken = null)
    {
        _host.Session.Secrets["s"] = Encoding.UTF8.GetBytes("hush");
        _host.Write("Dockerfile", dockerfile);
        var log = new BuildLog();
        var spec = new BuildSpec { Arguments = new Dictionary<string, string?> { ["WHO"] = who } };
        return (_host.Host.Engine.Builds.BuildAsync(spec, _host.Session, log, cancellationToken ?? _client.Token), log);
    }

    private async Task CancelAsync(Task build)
    {
        await StopsAsync(build, _client);
        await _before.AreAllThatIsLeftAsync(_host.Host, Token);
    }

    private static async Task StopsAsync(Task build, CancellationTokenSource client)
    {
        var since = Stopwatch.GetTimestamp();
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        // A step's processes are killed, not asked; the rest is for a busy machine.
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }
}
