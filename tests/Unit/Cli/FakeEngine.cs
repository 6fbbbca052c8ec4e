using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gantry.Tests.Unit.Cli;

/// <summary>An engine that answers as it is told, on a Unix socket of its own, and remembers what it was asked.</summary>
public sealed class FakeEngine : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<Request, Response> _answer;
    private readonly List<Request> _requests = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("gantry-cli-").FullName;

    public FakeEngine(Func<Request, Response> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen(64);
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public sealed record Request(string Method, string Path, Dictionary<string, string> Headers, string Body)
    {
        /// <summary>The client goes on with the body as it is asked to: there is no end of it before the answer's.</summary>
        public bool IsConversation => Headers.GetValueOrDefault("Content-Type") == "application/vnd.gantry.build" && Body.Contains("\"directories\"", StringComparison.Ordinal);
    }

    /// <summary>An answer; a hijacked one sends Body as it is and closes.</summary>
    public sealed record Response(int Status, byte[] Body, bool Hijack = false, Action? Before = null)
    {
        public static Response Json(string json, int status = 200) => new(status, Encoding.UTF8.GetBytes(json));
    }

    public string SocketPath => Path.Combine(_directory, "s.sock");

    public string Host => "unix://" + SocketPath;

    public IReadOnlyList<Request> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public void Forget()
    {
        lock (_requests)
            _requests.Clear();
    }

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: true);
            while (ReadRequest(stream) is { } request)
            {
                lock (_requests)
                    _requests.Add(request);
                var response = request.Path.EndsWith("/_ping", StringComparison.Ordinal) ? Response.Json("OK") : _answer(request);
                response.Before?.Invoke();
                if (response.Hijack)
                {
                    stream.Write("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8);
                    stream.Write(response.Body);
                    return;
                }
                var head = $"HTTP/1.1 {response.Status} X\r\nApi-Version: 1.50\r\nOstype: linux\r\nBuilder-Version: 2\r\nContent-Type: application/json\r\nContent-Length: {response.Body.Length}\r\n\r\n";
                stream.Write(Encoding.ASCII.GetBytes(head));
                if (request.Method != "HEAD")
                    stream.Write(response.Body);
                if (request.IsConversation)
                    ReadChunks(stream, new MemoryStream(), static () => false);
            }
        }
        catch (IOException)
        {
        }
    }

    private static Request? ReadRequest(NetworkStream stream)
    {
        if (ReadLine(stream) is not { Length: > 0 } line)
            return null;
        var parts = line.Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (ReadLine(stream) is { Length: > 0 } header)
            headers[header[..header.IndexOf(':', StringComparison.Ordinal)]] = header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        var body = new MemoryStream();
        if (headers.TryGetValue("Content-Length", out var length))
        {
            Copy(stream, body, int.Parse(length, CultureInfo.InvariantCulture));
        }
        else if (headers.TryGetValue("Transfer-Encoding", out var encoding) && encoding == "chunked")
        {
            ReadChunks(stream, body, () => Made().IsConversation);
        }
        return Made();

        Request Made() => new(parts[0], parts[1], headers, Encoding.UTF8.GetString(body.ToArray()));
    }

    // To the end of the body or of the connection, or as far as is wanted.
    private static void ReadChunks(NetworkStream stream, MemoryStream into, Func<bool> isEnough)
    {
        while (ReadLine(stream) is { } head && int.Parse(head, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var size and > 0)
        {
            Copy(stream, into, size);
            ReadLine(stream);
            if (isEnough())
                return;
        }
        ReadLine(stream);
    }

    private static void Copy(NetworkStream stream, MemoryStream into, int count)
    {
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        into.Write(bytes);
    }

    private static string? ReadLine(NetworkStream stream)
    {
        var line = new StringBuilder();
        int b;
        while ((b = stream.ReadByte()) >= 0 && b != '\n')
            line.Append((char)b);
        return b < 0 && line.Length == 0 ? null : line.ToString().TrimEnd('\r');
    }
}
