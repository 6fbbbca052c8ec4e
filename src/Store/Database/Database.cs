using System.Collections.Concurrent;
using Gantry.Model;
using Microsoft.Data.Sqlite;

namespace Gantry.Store;

/// <summary>
/// The engine's metadata: one SQLite file in WAL mode with one writer and any number of readers. Calls are synchronous
/// and short (tens of microseconds); never do other I/O inside a transaction.
/// </summary>
/// <remarks>
/// Readers see the last commit and are never blocked by the writer. A body that throws rolls its transaction back.
/// </remarks>
public sealed class Database : IDisposable
{
    // About 500 small transactions make a few MB of log: cheap to write back, and reads stay fast.
    private const int WritesPerCheckpoint = 500;
    private const int ReadersKept = 4;

    // Source: sqlite3.h. The second is what a full disk makes of the log's index, which is mapped and must grow.
    private const int Full = 13;
    private const int NoRoomForIndex = 4874;

    private readonly string _path;
    private readonly Connection _writer;
    private readonly Lock _writing = new();
    private readonly ConcurrentBag<Connection> _readers = [];
    private readonly Lock _checkpointing = new();
    private int _writesSinceCheckpoint;
    private bool _disposed;

    private Database(string path)
    {
        _path = path;
        _writer = new(path);
    }

    /// <summary>Opens or creates the file and applies what each room's migrations lack.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="migrations">All rooms' migrations, in any order between rooms.</param>
    /// <exception cref="GantryException">Internal: not a database, or damaged. NotSupported: a newer Gantry wrote it.</exception>
    public static Database Open(string path, IEnumerable<Migration> migrations)
    {
        try
        {
            var database = new Database(path);
            try
            {
                database.Migrate(migrations);
            }
            catch
            {
                database.Dispose();
                throw;
            }

            return database;
        }
        catch (SqliteException e)
        {
            throw GantryException.Of(ErrorKind.Internal, $"cannot open the database {path}: {e.Message}; move the file away to start with an empty one", cause: e);
        }
    }

    /// <summary>Runs a body in a write transaction; commits when it returns.</summary>
    /// <exception cref="GantryException">Exhausted: the disk is full; nothing was written.</exception>
    public T Write<T>(Func<Transaction, T> body)
    {
        T result;
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var transaction = _writer.Transaction;
            transaction.Execute("BEGIN IMMEDIATE");
            try
            {
                result = body(transaction);
                transaction.Execute("COMMIT");
            }
            catch (Exception failure)
            {
                RollBack(transaction);
                if (failure is SqliteException { SqliteErrorCode: Full } or SqliteException { SqliteExtendedErrorCode: NoRoomForIndex })
                    throw GantryException.Of(ErrorKind.Exhausted, $"no space left on device: the database {_path} cannot grow", cause: failure);
                throw;
            }
        }

        if (Interlocked.Increment(ref _writesSinceCheckpoint) == WritesPerCheckpoint)
            ThreadPool.UnsafeQueueUserWorkItem(static database => database.Checkpoint(), this, preferLocal: false);
        return result;
    }

    private static void RollBack(Transaction transaction)
    {
        try
        {
            transaction.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has done so itself, as when the disk is full: that is what the caller is to hear of.
        }
    }

    /// <inheritdoc cref="Write{T}(Func{Transaction, T})"/>
    public void Write(Action<Transaction> body) =>
        Write(transaction =>
        {
            body(transaction);
            return true;
        });

    /// <summary>Runs a body in a read transaction: it sees one state, that of the last commit.</summary>
    public T Read<T>(Func<Transaction, T> body)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_readers.TryTake(out var reader))
            reader = new(_path);
        var transaction = reader.Transaction;
        try
        {
            transaction.Execute("BEGIN");
            try
            {
                return body(transaction);
            }
            finally
            {
                transaction.Execute("COMMIT");
            }
        }
        finally
        {
            if (_disposed || _readers.Count >= ReadersKept)
                reader.Dispose();
            else
                _readers.Add(reader);
        }
    }

    /// <summary>Closes all connections; the log is written back into the file.</summary>
    public void Dispose()
    {
        lock (_checkpointing)
        {
            lock (_writing)
            {
                if (_disposed)
                    return;
                _disposed = true;
                while (_readers.TryTake(out var reader))
                    reader.Dispose();
                _writer.Dispose();
            }
        }
    }

    // Writes the log back into the file, with its fsyncs, on a connection of its own: nobody's commit waits for it.
    private void Checkpoint()
    {
        lock (_checkpointing)
        {
            if (_disposed)
                return;
            try
            {
                using var connection = new Connection(_path);
                connection.Run("PRAGMA wal_checkpoint(PASSIVE)");
            }
            catch (SqliteException)
            {
                // A full disk, say: commits will report it; the next round tries again.
            }

            Interlocked.Exchange(ref _writesSinceCheckpoint, 0);
        }
    }

    private void Migrate(IEnumerable<Migration> migrations)
    {
        var byRoom = migrations.GroupBy(m => m.Room).ToDictionary(g => g.Key, g => g.OrderBy(m => m.Number).ToList());
        _writer.Run("CREATE TABLE IF NOT EXISTS migrations (room TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID");
        foreach (var (room, steps) in byRoom)
        {
            for (var i = 0; i < steps.Count; i++)
            {
                if (steps[i].Number != i + 1)
                    throw new InvalidOperationException($"migrations of {room} are not numbered 1, 2, 3 …");
            }

            Write(transaction =>
            {
                var applied = transaction.Find("SELECT number FROM migrations WHERE room = $1", row => row.GetInt(0), room);
                if (applied > steps.Count)
                    throw GantryException.Of(ErrorKind.NotSupported, $"the database {_path} was written by a newer Gantry ({room} {applied}, this one knows {steps.Count}): upgrade, or use another --data-root");
                foreach (var step in steps.Skip(applied))
                    _writer.Run(step.Sql);
                transaction.Execute("INSERT INTO migrations VALUES ($1, $2) ON CONFLICT (room) DO UPDATE SET number = excluded.number", room, steps.Count);
            });
        }
    }
}
