using System.Threading.Channels;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Store;

namespace Gantry.Engine.Events;

/// <summary>The events of the past, in the database: so many of the newest. Written in the background, in the order in which they came.</summary>
/// <remarks>An engine that is killed loses those of its last moment; the files of containers never depend on them.</remarks>
public sealed class EventStore : IAsyncDisposable
{
    /// <summary>How many are kept: some five megabytes. Moby keeps 256, in memory.</summary>
    public const int Kept = 10_000;

    private const int BatchLimit = 256;
    private readonly Database _database;
    private readonly int _kept;
    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;

    /// <summary>Opens the table of events.</summary>
    public EventStore(Database database, int kept = Kept)
    {
        _database = database;
        _kept = kept;
        Last = database.Read(transaction => transaction.Find("SELECT max(number) FROM events", row => row.FindLong(0))) ?? 0;
        _writing = WriteAsync();
    }

    /// <summary>The table's history.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("events", 1, "CREATE TABLE events (number INTEGER PRIMARY KEY, time INTEGER NOT NULL, event BLOB NOT NULL)"),
    ];

    /// <summary>The number of the last event that an earlier engine kept; 0: none.</summary>
    public long Last { get; }

    /// <summary>Keeps an event. Numbers grow.</summary>
    public void Add(long number, EventMessage message) => _entries.Writer.TryWrite(new Entry(number, message, null));

    /// <summary>The events of a span of time, oldest first.</summary>
    /// <param name="last">The last number that may be among them.</param>
    /// <param name="sinceNs">From then on, in nanoseconds since 1970.</param>
    /// <param name="untilNs">Until then.</param>
    /// <param name="cancellationToken">Stops waiting for what is being written.</param>
    public async Task<IReadOnlyList<EventMessage>> FindAsync(long last, long sinceNs, long untilNs, CancellationToken cancellationToken)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_entries.Writer.TryWrite(new Entry(0, null, written)))
            await written.Task.WaitAsync(cancellationToken);
        return _database.Read(transaction => transaction.Query(
            "SELECT event FROM events WHERE number <= $1 AND time >= $2 AND time <= $3 ORDER BY number",
            row => ApiJson.Read<EventMessage>(row.GetBytes(0))!,
            last, sinceNs, untilNs));
    }

    /// <summary>Writes what there still is to write.</summary>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        List<Entry> batch = [];
        while (await _entries.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchLimit && _entries.Reader.TryRead(out var entry))
                batch.Add(entry);
            Write(batch);
            batch.Clear();
        }
    }

    private void Write(List<Entry> batch)
    {
        List<Entry> events = [.. batch.Where(entry => entry.Message is not null)];
        if (events.Count > 0)
        {
            try
            {
                _database.Write(transaction =>
                {
                    foreach (var (number, message, _) in events)
                        transaction.Execute("INSERT OR REPLACE INTO events (number, time, event) VALUES ($1, $2, $3)", number, message!.TimeNano!.Value, ApiJson.Write(message));
                    transaction.Execute("DELETE FROM events WHERE number <= $1", events[^1].Number - _kept);
                });
            }
            catch (Exception failure) when (failure is Microsoft.Data.Sqlite.SqliteException or GantryException { Kind: ErrorKind.Exhausted })
            {
                // A full disk: who listens has heard them; the past has a gap, and containers are not held up for it.
            }
        }
        foreach (var entry in batch)
            entry.Written?.TrySetResult();
    }

    /// <summary>An event to keep, or somebody who waits until those before have been written.</summary>
    private sealed record Entry(long Number, EventMessage? Message, TaskCompletionSource? Written);
}
