using Microsoft.Data.Sqlite;

namespace Gantry.Store;

/// <summary>One SQLite connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    private readonly SqliteConnection _sqlite;
    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    public Connection(string path)
    {
        // Pooling is ours: the library's pool would run its own clean-up timers and keep the file open after Dispose.
        _sqlite = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString());
        _sqlite.Open();
        // NORMAL in WAL mode: a commit costs no fsync; power loss may drop the newest transactions, never corrupt.
        // Checkpoints, which do fsync, are run in the background by Database instead of inside some commit.
        Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY;");
    }

    public Transaction Transaction => new(this);

    /// <summary>Runs statements without parameters, unprepared.</summary>
    public void Run(string sql)
    {
        using var command = _sqlite.CreateCommand();
#pragma warning disable CA2100 // SQL texts are constants of the rooms; values are always parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _sqlite.CreateCommand();
#pragma warning disable CA2100 // As above.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter($"${i + 1}", null));
            _prepared.Add(sql, command);
        }

        if (command.Parameters.Count != values.Length)
            throw new ArgumentException($"the statement takes {command.Parameters.Count} values: {sql}", nameof(values));
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        _sqlite.Dispose();
    }
}
