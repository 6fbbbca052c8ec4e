using System.Net.Sockets;
using System.Text;
using Gantry.Api.Routing;
using Gantry.Api.Server;
using Gantry.Kernel.Sys;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.Tests.Unit.Api;

/// <summary>A server with some routes on a Unix socket of its own, and raw requests to it.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"gantry-wire-{Guid.NewGuid():n}.sock");
    private ApiServer? _server;

    public static async Task<WireServer> StartAsync(IReadOnlyList<Route> routes)
    {
        var wire = new WireServer();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(wire._path));
        var facts = new ServerFacts(null!, "9.9.9", TimeProvider.System, NullLogger.Instance);
        wire._server = await ApiServer.StartAsync(routes, facts, [new ApiListener { Socket = socket, SendApart = static (connection, bytes) => Sockets.TrySendApart(connection.SafeHandle, bytes.Span) }], NullLoggerFactory.Instance, CancellationToken.None);
        return wire;
    }

    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path));
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Sends a request and reads until the server closes.</summary>
    public async Task<string> ExchangeAsync(string request)
    {
        await using var stream = await ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        return await ReadToEndAsync(stream);
    }

    /// <summary>A request that asks for the connection to be closed after the answer.</summary>
    public Task<string> AskAsync(string method, string target, string body = "", string headers = "") =>
        ExchangeAsync($"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}" + (body.Length > 0 ? $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}" : "\r\n"));

    public static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, limit.Token);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>Reads until a text has come.</summary>
    public static async Task<string> ReadUntilAsync(Stream stream, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[4096];
        var all = new StringBuilder();
        while (!all.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, limit.Token);
            if (count == 0)
                break;
            all.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        return all.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        File.Delete(_path);
    }
}
