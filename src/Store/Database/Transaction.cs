namespace Gantry.Store;

/// <summary>
/// A transaction's statements. Parameters are written <c>$1</c>, <c>$2</c> … in the text and given in order; texts are
/// prepared once per connection, so they must be constants. Values: string, long, int, bool, double, byte[] or null.
/// </summary>
public readonly struct Transaction
{
    private readonly Connection _connection;

    internal Transaction(Connection connection) => _connection = connection;

    /// <summary>Runs a statement; returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => _connection.Prepare(sql, values).ExecuteNonQuery();

    /// <summary>All rows of a query, in its order.</summary>
    public List<T> Query<T>(string sql, RowReader<T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = _connection.Prepare(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(new Row(reader)));
        return rows;
    }

    /// <summary>The first row of a query, or the default value when there is none.</summary>
    public T? Find<T>(string sql, RowReader<T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = _connection.Prepare(sql, values).ExecuteReader();
        return reader.Read() ? read(new Row(reader)) : default;
    }

    /// <summary>Whether a query has a row.</summary>
    public bool Any(string sql, params ReadOnlySpan<object?> values)
    {
        using var reader = _connection.Prepare(sql, values).ExecuteReader();
        return reader.Read();
    }
}
