using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gantry.Tests.System.Images;

/// <summary>An HTTP proxy in this process that leads every request to one server, and remembers where it was to go.</summary>
internal sealed class FakeProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;
    private readonly Task _serving;

    public FakeProxy(int server)
    {
        _server = server;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The request lines.</summary>
    public List<string> Seen { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (SocketException)
        {
            // stopped
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(IPAddress.Loopback, _server);
            var stream = client.GetStream();
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
                head.Append((char)one[0]);
            var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length == 0)
                return;
            lock (Seen)
                Seen.Add(lines[0]);
            var words = lines[0].Split(' ');
            // One request a connection, so that none passes unseen.
            string[] forwarded = [$"{words[0]} {new Uri(words[1]).PathAndQuery} {words[2]}", $"Host: 127.0.0.1:{_server}", "Connection: close", .. lines.Skip(1).Where(l => !l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase) && !l.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)), "", ""];
            await server.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", forwarded)));
            await server.GetStream().CopyToAsync(stream);
        }
    }
}
