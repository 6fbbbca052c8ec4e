using Gantry.Engine.Events;
using Gantry.Engine.Operations;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Events;

public sealed class EventLogTests
{
    private static readonly Dictionary<string, string> s_web = new() { ["name"] = "web", ["image"] = "nginx:1", ["tier"] = "front" };

    private readonly EventLog _log = new(TimeProvider.System);

    [Fact]
    public async Task ListenersHearWhatComes()
    {
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var events = _log.SubscribeAsync(null, null, Filters.None, ending.Token).GetAsyncEnumerator(ending.Token);
        _log.Publish("container", "start", "abc", s_web);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(("container", "start", "abc", "local"), (events.Current.Type, events.Current.Action, events.Current.Actor!.ID, events.Current.Scope));
        Assert.Equal(events.Current.Time, events.Current.TimeNano / 1_000_000_000);
        await ending.CancelAsync();
        Assert.False(await events.MoveNextAsync());
        await events.DisposeAsync();
        Assert.Equal(0, _log.Listeners);
    }

    [Fact]
    public async Task ThePastIsKeptUpTo256()
    {
        var since = DateTimeOffset.UnixEpoch;
        for (var i = 0; i < 300; i++)
            _log.Publish("container", "start", $"{i}", s_web);
        var ids = new List<string>();
        await foreach (var message in _log.SubscribeAsync(since, TimeProvider.System.GetUtcNow(), Filters.None, CancellationToken.None))
            ids.Add(message.Actor!.ID!);
        Assert.Equal(256, ids.Count);
        Assert.Equal("44", ids[0]);
        Assert.Equal("299", ids[^1]);
    }

    [Fact]
    public void SinceAfterUntilIsRefused() => Assert.Equal(
        ErrorKind.Invalid,
        Assert.Throws<GantryException>(() => _log.SubscribeAsync(DateTimeOffset.MaxValue, DateTimeOffset.MinValue, Filters.None, CancellationToken.None)).Kind);

    [Theory]
    [InlineData("event", "start", true)]
    [InlineData("event", "stop", false)]
    [InlineData("type", "container", true)]
    [InlineData("type", "image", false)]
    [InlineData("container", "web", true)]
    [InlineData("container", "abc", true)]
    [InlineData("container", "db", false)]
    [InlineData("image", "nginx:1", true)]
    [InlineData("image", "nginx", true)]
    [InlineData("image", "redis", false)]
    [InlineData("label", "tier=front", true)]
    [InlineData("label", "tier=back", false)]
    [InlineData("network", "web", false)]
    public async Task FiltersAsDockerDoes(string key, string value, bool heard)
    {
        _log.Publish("container", "start", "abc", s_web);
        var count = 0;
        await foreach (var _ in _log.SubscribeAsync(DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow(), Filters.Of((key, value)), CancellationToken.None))
            count++;
        Assert.Equal(heard ? 1 : 0, count);
    }

    [Fact]
    public async Task AnExecIsFoundByTheWordBeforeTheColon()
    {
        _log.Publish("container", "exec_create: ls -l", "abc", s_web);
        var count = 0;
        await foreach (var _ in _log.SubscribeAsync(DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow(), Filters.Of(("event", "exec_create")), CancellationToken.None))
            count++;
        Assert.Equal(1, count);
    }
}
