using System.Buffers.Binary;
using System.Text;
using Gantry.Engine.Builds;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Builds;

/// <summary>What package managers leave in images.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("packages-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void ApkTellsNamesAndLicenses()
    {
        var packages = AlpinePackages.Read("C:Q1\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\nF:lib\n\nP:ssl_client\nV:1.36\nA:x86_64\no:busybox\n\nV:nameless\n", "/lib/apk/db/installed", new("alpine", "3.19")).ToList();
        Assert.Equal(["pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19", "pkg:apk/alpine/ssl_client@1.36?arch=x86_64&distro=alpine-3.19&upstream=busybox"], packages.Select(static p => p.Url));
        Assert.Equal("MIT", packages[0].License);
    }

    [Fact]
    public void RpmsDatabaseIsReadWithoutSqlite()
    {
        var file = Database(600);
        var packages = SqliteTable.Read(file, "Packages").Select(row => RpmPackages.Read(row[1], "/db", new("fedora", "40"))).ToList();
        Assert.Equal(600, packages.Count);
        Assert.Equal("pkg:rpm/fedora/pkg599@1.0-2.fc40?arch=x86_64&distro=fedora-40&epoch=7&upstream=src.rpm", packages[599]!.Url);
        Assert.Throws<InvalidDataException>(() => SqliteTable.Read(file, "Names"));
        Assert.Throws<InvalidDataException>(() => SqliteTable.Read("no database"u8.ToArray(), "Packages"));
    }

    [Fact]
    public void ADamagedDatabaseEnds()
    {
        var file = Database(200);
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
        {
            var damaged = file.ToArray();
            for (var n = 0; n < 8; n++)
                damaged[random.Next(16, damaged.Length)] = (byte)random.Next(256);
            try
            {
                foreach (var row in SqliteTable.Read(damaged, "Packages"))
                    _ = row is [_, { } header] ? RpmPackages.Read(header, "/db", new("", "")) : null;
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }

    // Rows that fit into a page, and rows that do not.
    private byte[] Database(int count)
    {
        var path = Path.Combine(_folder, "rpmdb.sqlite");
        File.Delete(path);
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)";
            command.ExecuteNonQuery();
            using var transaction = connection.BeginTransaction();
            command.Transaction = transaction;
            command.CommandText = "INSERT INTO Packages (blob) VALUES ($blob)";
            var blob = command.Parameters.Add("$blob", SqliteType.Blob);
            for (var i = 0; i < count; i++)
            {
                blob.Value = Header($"pkg{i}", i % 7 == 0 ? 20_000 : 40);
                command.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return File.ReadAllBytes(path);
    }

    private static byte[] Header(string name, int padding)
    {
        (int Tag, string Text)[] texts = [(1000, name), (1001, "1.0"), (1002, "2.fc40"), (1022, "x86_64"), (1044, "src.rpm"), (1014, "MIT"), (1004, new string('x', padding))];
        var data = new MemoryStream();
        var entries = new MemoryStream();
        void Entry(int tag, int type)
        {
            var entry = new byte[16];
            BinaryPrimitives.WriteInt32BigEndian(entry, tag);
            BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(4), type);
            BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(8), (int)data.Length);
            BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(12), 1);
            entries.Write(entry);
        }

        Entry(1003, 4);
        data.Write([0, 0, 0, 7]);
        foreach (var (tag, text) in texts)
        {
            Entry(tag, 6);
            data.Write(Encoding.UTF8.GetBytes(text + "\0"));
        }

        var header = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(header, texts.Length + 1);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), (int)data.Length);
        return [.. header, .. entries.ToArray(), .. data.ToArray()];
    }
}
