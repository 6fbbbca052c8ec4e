using Gantry.Engine.Events;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Store;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Events;

public sealed class EventLogTests : IAsyncLifetime
{
    private const int Kept = 100;
    private static readonly Dictionary<string, string> s_web = new() { ["name"] = "web", ["image"] = "nginx:1", ["tier"] = "front" };

    private readonly string _root = Directory.CreateTempSubdirectory("gantry-test-events-").FullName;
    private Database _database = null!;
    private EventStore _store = null!;
    private EventLog _log = null!;

    public ValueTask InitializeAsync()
    {
        _database = Database.Open(Path.Combine(_root, "gantry.db"), EventStore.Migrations);
        _store = new EventStore(_database, Kept);
        _log = new EventLog(TimeProvider.System, _store);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _database.Dispose();
        Directory.Delete(_root, recursive: true);
    }

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
    public async Task ThePastIsBounded()
    {
        for (var i = 0; i < Kept + 50; i++)
            _log.Publish("container", "start", $"{i}", s_web);
        var past = await PastAsync(Filters.None);
        Assert.Equal(Enumerable.Range(50, Kept).Select(i => $"{i}"), past.Select(message => message.Actor!.ID));
        Assert.Equal(past.Select(message => message.TimeNano).Order(), past.Select(message => message.TimeNano));
        Assert.Equal(Kept, past.Select(message => message.TimeNano).Distinct().Count());
    }

    [Fact]
    public async Task ThePastOutlivesTheEngine()
    {
        _log.Publish("container", "create", "one", s_web);
        await DisposeStoreAsync();
        _log.Publish("container", "start", "two", s_web);
        var past = await PastAsync(Filters.None);
        Assert.Equal(["create one", "start two"], past.Select(message => $"{message.Action} {message.Actor!.ID}"));
        Assert.Equal("front", past[0].Actor!.Attributes!["tier"]);
    }

    [Fact]
    public async Task SinceAndUntilAreBounds()
    {
        foreach (var id in (string[])["a", "b", "c"])
            _log.Publish("container", "start", id, s_web);
        var middle = (await PastAsync(Filters.None))[1];
        var moment = DateTimeOffset.UnixEpoch.AddTicks(middle.TimeNano!.Value / 100);
        Assert.Equal(["a", "b"], await IdsAsync(_log.SubscribeAsync(null, moment, Filters.None, CancellationToken.None)));
        Assert.Equal(["b", "c"], await IdsAsync(_log.SubscribeAsync(moment, TimeProvider.System.GetUtcNow(), Filters.None, CancellationToken.None)));
    }

    /// <summary>Between the past and what comes nothing is lost, and nothing told twice.</summary>
    [Fact]
    public async Task ThePastGoesOverIntoThePresent()
    {
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var publishing = Task.Run(() =>
        {
            for (var i = 0; i < Kept - 10; i++)
                _log.Publish("container", "start", $"{i}", s_web);
        });
        List<string> heard = [];
        await foreach (var message in _log.SubscribeAsync(DateTimeOffset.UnixEpoch, null, Filters.None, ending.Token))
        {
            heard.Add(message.Actor!.ID!);
            if (heard.Count == Kept - 10)
                break;
        }
        await publishing;
        Assert.Equal(Enumerable.Range(0, Kept - 10).Select(i => $"{i}"), heard);
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
    [InlineData("scope", "local", true)]
    [InlineData("scope", "swarm", false)]
    [InlineData("container", "web", true)]
    [InlineData("container", "we", true)]
    [InlineData("container", "ab", true)]
    [InlineData("container", "eb", false)]
    [InlineData("image", "nginx:1", true)]
    [InlineData("image", "nginx", true)]
    [InlineData("image", "ngin", false)]
    [InlineData("image", "redis", false)]
    [InlineData("label", "tier=front", true)]
    [InlineData("label", "tier", true)]
    [InlineData("label", "tier=back", false)]
    [InlineData("network", "web", false)]
    [InlineData("volume", "web", false)]
    [InlineData("daemon", "web", false)]
    public async Task FiltersAsDockerDoes(string key, string value, bool heard)
    {
        _log.Publish("container", "start", "abc", s_web);
        Assert.Equal(heard ? 1 : 0, (await PastAsync(Filters.Of((key, value)))).Count);
    }

    [Fact]
    public async Task AnExecIsFoundByTheWordBeforeTheColon()
    {
        _log.Publish("container", "exec_create: ls -l", "abc", s_web);
        Assert.Single(await PastAsync(Filters.Of(("event", "exec_create"))));
        Assert.Single(await PastAsync(Filters.Of(("event", "exec_create: ls -l"))));
        Assert.Empty(await PastAsync(Filters.Of(("event", "exec"))));
    }

    [Fact]
    public async Task FiltersOfOneKindAreAlternativesThoseOfSeveralConditions()
    {
        _log.Publish("container", "start", "abc", s_web);
        _log.Publish("network", "connect", "net", new Dictionary<string, string> { ["name"] = "bridge", ["container"] = "abc" });
        _log.Publish("volume", "mount", "vol", new Dictionary<string, string>());
        Assert.Equal(2, (await PastAsync(Filters.Of(("type", "network"), ("type", "volume")))).Count);
        Assert.Equal("net", Assert.Single(await PastAsync(Filters.Of(("network", "bri"), ("event", "connect")))).Actor!.ID);
        Assert.Equal("vol", Assert.Single(await PastAsync(Filters.Of(("volume", "vol")))).Actor!.ID);
        Assert.Empty(await PastAsync(Filters.Of(("network", "bridge"), ("type", "container"))));
    }

    [Fact]
    public void AnUnknownFilterIsRefused() => Assert.Equal(
        "invalid filter 'colour'",
        Assert.Throws<GantryException>(() => _log.SubscribeAsync(null, null, Filters.Of(("colour", "red")), CancellationToken.None)).Message);

    private async Task DisposeStoreAsync()
    {
        await _store.DisposeAsync();
        _store = new EventStore(_database, Kept);
        _log = new EventLog(TimeProvider.System, _store);
    }

    private async Task<List<EventMessage>> PastAsync(Filters filters)
    {
        List<EventMessage> past = [];
        await foreach (var message in _log.SubscribeAsync(DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow().AddTicks(1000), filters, CancellationToken.None))
            past.Add(message);
        return past;
    }

    private static async Task<List<string>> IdsAsync(IAsyncEnumerable<EventMessage> messages)
    {
        List<string> ids = [];
        await foreach (var message in messages)
            ids.Add(message.Actor!.ID!);
        return ids;
    }
}
