using System.Formats.Tar;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gantry.Api.Builds;
using Gantry.Api.Routing;
using Gantry.Engine.Uploads;

namespace Gantry.Tests.Unit.Api.Builds;

/// <summary>The build routes on a server of their own, before a builder of the test's.</summary>
internal sealed class BuildDoor : IAsyncDisposable
{
    private readonly string _uploads = Path.Combine(Path.GetTempPath(), $"gantry-uploads-{Guid.NewGuid():n}");
    private WireServer? _wire;

    public static async Task<BuildDoor> OpenAsync(FakeBuilder builder)
    {
        var door = new BuildDoor();
        var uploads = BuildUploads.Open(door._uploads);
        door._wire = await WireServer.StartAsync(
        [
            new Route("POST", "/build", exchange => BuildHandlers.BuildAsync(exchange, builder, uploads)),
            new Route("POST", "/build/cancel", BuildHandlers.CancelAsync),
        ]);
        return door;
    }

    /// <summary>What lies where uploads lie: nothing, unless a build runs.</summary>
    public IEnumerable<string> Left => Directory.EnumerateFileSystemEntries(_uploads);

    public static byte[] Archive(params (string Name, string Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var (name, content) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        }

        return stream.ToArray();
    }

    /// <summary>Sends a build; the answer is returned with its head.</summary>
    public async Task<string> BuildAsync(string query, byte[] body, string headers = "")
    {
        await using var stream = await BeginAsync(query, body, headers);
        return await WireServer.ReadToEndAsync(stream);
    }

    public async Task<NetworkStream> BeginAsync(string query, byte[] body, string headers = "")
    {
        var stream = await _wire!.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1.50/build{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-tar\r\n{headers}Content-Length: {body.Length}\r\n\r\n"));
        await stream.WriteAsync(body);
        return stream;
    }

    public Task<string> CancelAsync(string id) => _wire!.AskAsync("POST", $"/build/cancel?id={id}");

    /// <summary>The texts that the answer's objects carry, one after another.</summary>
    public static string Said(string answer) => string.Concat(Objects(answer).Select(static o => o.TryGetProperty("stream", out var text) ? text.GetString() : ""));

    /// <summary>The objects of an answer.</summary>
    public static List<JsonElement> Objects(string answer)
    {
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        // Chunks' sizes stand on lines of their own, between the objects.
        return [.. body.Split('\n').Where(static line => line.StartsWith('{')).Select(static line => JsonDocument.Parse(Encoding.Latin1.GetBytes(line.TrimEnd('\r'))).RootElement)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_wire is not null)
            await _wire.DisposeAsync();
        Directory.Delete(_uploads, recursive: true);
    }
}
