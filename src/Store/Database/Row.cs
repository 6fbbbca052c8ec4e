using Microsoft.Data.Sqlite;

namespace Gantry.Store;

/// <summary>The current row of a query. Valid only inside the function it is given to; columns count from 0.</summary>
public readonly ref struct Row
{
    private readonly SqliteDataReader _reader;

    internal Row(SqliteDataReader reader) => _reader = reader;

    public string GetString(int column) => _reader.GetString(column);

    public string? FindString(int column) => _reader.IsDBNull(column) ? null : _reader.GetString(column);

    public long GetLong(int column) => _reader.GetInt64(column);

    public long? FindLong(int column) => _reader.IsDBNull(column) ? null : _reader.GetInt64(column);

    public int GetInt(int column) => _reader.GetInt32(column);

    public bool GetBool(int column) => _reader.GetInt64(column) != 0;

    public byte[] GetBytes(int column) => _reader.GetFieldValue<byte[]>(column);

    public byte[]? FindBytes(int column) => _reader.IsDBNull(column) ? null : _reader.GetFieldValue<byte[]>(column);
}
