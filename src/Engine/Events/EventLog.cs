using System.Threading.Channels;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Events;

/// <summary>What happens, told to whoever listens, and kept for those who come late: also after the engine was started again.</summary>
/// <param name="time">The clock.</param>
/// <param name="store">Keeps the past; null: nobody will ask for it.</param>
/// <remarks>Source: moby daemon/events/events.go: 1024 buffered for each listener.</remarks>
public sealed class EventLog(TimeProvider time, EventStore? store = null)
{
    private const int Buffered = 1024;

    /// <summary>A clock that went back by less was not set: events came faster than it ticks.</summary>
    private const long SettingNs = 1_000_000;

    private readonly Lock _lock = new();
    private readonly HashSet<ChannelWriter<EventMessage>> _listeners = [];
    private long _last = store?.Last ?? 0;
    private long _lastNs;

    /// <summary>How many listen.</summary>
    public int Listeners
    {
        get
        {
            lock (_lock)
                return _listeners.Count;
        }
    }

    /// <summary>Tells everybody.</summary>
    /// <param name="type">What it happened to: <c>container</c>, <c>image</c>, <c>network</c>, <c>volume</c>, <c>daemon</c>.</param>
    /// <param name="action">What happened, as in <c>start</c> or <c>exec_create: ls</c>.</param>
    /// <param name="id">The object's id or name.</param>
    /// <param name="attributes">What is known of it.</param>
    public void Publish(string type, string action, string id, IReadOnlyDictionary<string, string> attributes)
    {
        lock (_lock)
        {
            // Times tell the order, too: two within a tick of the clock are told apart. A clock that is set back is believed.
            var now = Nanoseconds(time.GetUtcNow());
            _lastNs = now <= _lastNs && _lastNs - now < SettingNs ? _lastNs + 1 : now;
            var message = new EventMessage
            {
                Type = type,
                Action = action,
                Actor = new EventActor { ID = id, Attributes = attributes },
                Scope = "local",
                Time = _lastNs / 1_000_000_000,
                TimeNano = _lastNs,
            };
            store?.Add(++_last, message);
            // A listener that does not keep up loses events, as moby's do; the others must not wait for it.
            foreach (var listener in _listeners)
                listener.TryWrite(message);
        }
    }

    /// <summary>What was kept since a moment, then what comes, until a moment.</summary>
    /// <param name="since">From then on; null: only what comes.</param>
    /// <param name="until">Until then; null: until the client goes away.</param>
    /// <param name="filters">type, event, container, image, network, volume, daemon, label, scope …</param>
    /// <param name="cancellationToken">Ends the listening, without an error.</param>
    /// <exception cref="GantryException">Invalid: since is later than until.</exception>
    public IAsyncEnumerable<EventMessage> SubscribeAsync(DateTimeOffset? since, DateTimeOffset? until, Filters filters, CancellationToken cancellationToken)
    {
        if (since is not null && until is not null && since > until)
            throw GantryException.Of(ErrorKind.Invalid, "`since` time cannot be after `until` time"); // Source: moby daemon/server/router/system
        var matching = new EventFilter(filters);
        var channel = Channel.CreateBounded<EventMessage>(new BoundedChannelOptions(Buffered) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        long last;
        lock (_lock)
        {
            last = _last; // these are past, the channel has all that follow
            _listeners.Add(channel.Writer);
        }
        return ListenAsync(last, channel, since, until, matching, cancellationToken);
    }

    private async IAsyncEnumerable<EventMessage> ListenAsync(
        long last,
        Channel<EventMessage> channel,
        DateTimeOffset? since,
        DateTimeOffset? until,
        EventFilter filter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ITimer? timer = null;
        try
        {
            // NOTE: an until alone asks for the past, too.
            if (store is not null && (since is not null || until is not null))
            {
                foreach (var message in await store.FindAsync(last, since is null ? 0 : Nanoseconds(since.Value), until is null ? long.MaxValue : Nanoseconds(until.Value), cancellationToken))
                {
                    if (filter.Matches(message))
                        yield return message;
                }
            }
            if (until is not null)
            {
                var left = until.Value - time.GetUtcNow();
                if (left <= TimeSpan.Zero)
                    yield break;
                timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), ending, left, Timeout.InfiniteTimeSpan);
            }
            while (await WaitAsync(channel.Reader, ending.Token))
            {
                while (channel.Reader.TryRead(out var message))
                {
                    if (filter.Matches(message))
                        yield return message;
                }
            }
        }
        finally
        {
            lock (_lock)
                _listeners.Remove(channel.Writer);
            if (timer is not null)
                await timer.DisposeAsync();
        }
    }

    private static async ValueTask<bool> WaitAsync(ChannelReader<EventMessage> reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.WaitToReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static long Nanoseconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks * 100;
}
