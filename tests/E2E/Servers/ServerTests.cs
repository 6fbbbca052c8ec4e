using System.Net.Sockets;
using Gantry.Tests.Support;
using MySqlConnector;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace Gantry.Tests.E2E.Servers;

/// <summary>Everybody's first command: a real server from a registry, published, used from the host by a real client.</summary>
public sealed class ServerTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task PostgresKeepsItsDataInANamedVolume()
    {
        var port = RegistryFixture.FreePort();
        string[] run = ["run", "-d", "--name", "pg", "-p", $"{port}:5432", "-e", "POSTGRES_PASSWORD=s3cret", "-v", "pgdata:/var/lib/postgresql/data", "postgres"];
        (await Engine.GantryAsync(run)).Succeeded();
        await using (var source = await ConnectPostgresAsync(port))
        {
            await using var create = source.CreateCommand("CREATE TABLE ships (name text, tons int); INSERT INTO ships VALUES ('Preussen', 5081), ('Pamir', 3020)");
            await create.ExecuteNonQueryAsync();
        }

        (await Engine.GantryAsync("rm", "-f", "pg")).Succeeded();
        (await Engine.GantryAsync(run)).Succeeded();
        await using (var source = await ConnectPostgresAsync(port))
        {
            await using var query = source.CreateCommand("SELECT sum(tons) FROM ships");
            Assert.Equal(8101L, await query.ExecuteScalarAsync());
        }

        (await Engine.GantryAsync("rm", "-fv", "pg")).Succeeded();
    }

    [Fact]
    public async Task PostgresKeepsItsDataInItsAnonymousVolumeOverARestart()
    {
        var port = RegistryFixture.FreePort();
        (await Engine.GantryAsync("run", "-d", "--name", "pganon", "-p", $"127.0.0.1:{port}:5432", "-e", "POSTGRES_PASSWORD=s3cret", "postgres")).Succeeded();
        await using (var source = await ConnectPostgresAsync(port))
        {
            await using var create = source.CreateCommand("CREATE TABLE t AS SELECT 42 AS answer");
            await create.ExecuteNonQueryAsync();
        }

        (await Engine.GantryAsync("restart", "pganon")).Succeeded();
        await using (var source = await ConnectPostgresAsync(port))
        {
            await using var query = source.CreateCommand("SELECT answer FROM t");
            Assert.Equal(42, await query.ExecuteScalarAsync());
        }

        var mount = (await Engine.GantryAsync("inspect", "--format", "{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}", "pganon")).Succeeded();
        Assert.Equal("volume /var/lib/postgresql/data", mount.Text);
        (await Engine.GantryAsync("rm", "-fv", "pganon")).Succeeded();
    }

    [Fact]
    public async Task RedisAnswersThroughAPublishedPort()
    {
        var port = RegistryFixture.FreePort();
        (await Engine.GantryAsync("run", "-d", "--name", "cache", "-p", $"{port}:6379", "redis")).Succeeded();
        await using var redis = await Eventually.GetAsync("redis answers", async () => await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},connectTimeout=2000"));
        Assert.True(await redis.GetDatabase().StringSetAsync("ship", "Passat"));
        Assert.Equal("Passat", (string?)await redis.GetDatabase().StringGetAsync("ship"));
        Assert.Contains("Passat", (await Engine.GantryAsync("exec", "cache", "redis-cli", "get", "ship")).Succeeded().Output, StringComparison.Ordinal);
        (await Engine.GantryAsync("rm", "-fv", "cache")).Succeeded();
    }

    [Fact]
    public async Task MariaDbAnswersThroughAPublishedPort()
    {
        var port = RegistryFixture.FreePort();
        (await Engine.GantryAsync("run", "-d", "--name", "maria", "-p", $"{port}:3306", "-e", "MARIADB_ROOT_PASSWORD=s3cret", "-e", "MARIADB_DATABASE=app", "mariadb")).Succeeded();
        await using var connection = await Eventually.GetAsync($"mariadb answers", async () =>
        {
            var opening = new MySqlConnection($"Server=127.0.0.1;Port={port};User=root;Password=s3cret;Database=app;ConnectionTimeout=5");
            await opening.OpenAsync();
            return opening;
        });
        await using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE t (n int); INSERT INTO t VALUES (20), (22); SELECT sum(n) FROM t";
        Assert.Equal(42m, await command.ExecuteScalarAsync());
        (await Engine.GantryAsync("rm", "-fv", "maria")).Succeeded();
    }

    [Fact]
    public async Task NginxServesOnAPublishedPortAndOnAnEphemeralOne()
    {
        var port = RegistryFixture.FreePort();
        (await Engine.GantryAsync("run", "-d", "--name", "web", "-p", $"{port}:80", "-p", "80", "nginx")).Succeeded();
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        var page = await Eventually.GetAsync("nginx answers", async () => await client.GetStringAsync("/"));
        Assert.Contains("Welcome to nginx!", page, StringComparison.Ordinal);

        var published = (await Engine.GantryAsync("inspect", "--format", "{{range (index .NetworkSettings.Ports \"80/tcp\")}}{{.HostPort}} {{end}}", "web")).Succeeded().Text.Split(' ');
        Assert.Contains($"{port}", published);
        var ephemeral = published.First(p => p != $"{port}");
        Assert.Contains("Welcome", await client.GetStringAsync($"http://127.0.0.1:{ephemeral}/"), StringComparison.Ordinal);

        // Access logs go to the container's standard output.
        Assert.Contains("GET / HTTP", (await Engine.GantryAsync("logs", "web")).Succeeded().Output, StringComparison.Ordinal);
        (await Engine.GantryAsync("rm", "-f", "web")).Succeeded();
        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", port);
        });
    }

    private static Task<NpgsqlDataSource> ConnectPostgresAsync(int port) => Eventually.GetAsync("postgres answers", async () =>
    {
        var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=postgres;Password=s3cret;Timeout=5;Pooling=false");
        await using var command = source.CreateCommand("SELECT 1");
        await command.ExecuteScalarAsync();
        return source;
    });
}
