using System.Text.Json;
using Gantry.Store;

namespace Gantry.Engine.Containers.Records;

/// <summary>The containers' table: one row each, the record as JSON beside what is worth an index.</summary>
public sealed class ContainerRows(Database database)
{
    /// <summary>The table's history.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("engine", 1, """
            CREATE TABLE containers (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                image TEXT NOT NULL,
                status TEXT NOT NULL,
                created INTEGER NOT NULL,
                record BLOB NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            """),
    ];

    /// <summary>Adds a container.</summary>
    public void Insert(ContainerRecord record) => database.Write(transaction => transaction.Execute(
        "INSERT INTO containers (id, name, image, status, created, record) VALUES ($1, $2, $3, $4, $5, $6)",
        record.Id.ToString(), record.Name, record.ImageId.ToString(), record.Run.Status, record.Created.ToUnixTimeMilliseconds(), Write(record)));

    /// <summary>Keeps a container's new record; nothing happens when it was removed.</summary>
    public void Update(ContainerRecord record) => database.Write(transaction => transaction.Execute(
        "UPDATE containers SET name = $2, status = $3, record = $4 WHERE id = $1",
        record.Id.ToString(), record.Name, record.Run.Status, Write(record)));

    /// <summary>Forgets a container.</summary>
    public void Delete(ContainerRecord record) => database.Write(transaction => transaction.Execute("DELETE FROM containers WHERE id = $1", record.Id.ToString()));

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<ContainerRecord> All() => database.Read(transaction => transaction.Query("SELECT record FROM containers ORDER BY created", row => Read(row.GetBytes(0))));

    /// <summary>A fact about this engine that is made once and kept, as its id.</summary>
    public string Fact(string name, Func<string> make) => database.Write(transaction =>
    {
        var known = transaction.Find("SELECT value FROM facts WHERE name = $1", row => row.GetString(0), name);
        if (known is not null)
            return known;
        var made = make();
        transaction.Execute("INSERT INTO facts (name, value) VALUES ($1, $2)", name, made);
        return made;
    });

    internal static byte[] Write(ContainerRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, EngineJsonContext.Default.ContainerRecord);

    internal static ContainerRecord Read(byte[] json) => JsonSerializer.Deserialize(json, EngineJsonContext.Default.ContainerRecord)!;
}
