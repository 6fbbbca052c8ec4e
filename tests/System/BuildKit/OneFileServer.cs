using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gantry.Tests.System.BuildKit;

/// <summary>A web server on 127.0.0.1 that has one file, whatever is asked for.</summary>
internal sealed class OneFileServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public OneFileServer(string content)
    {
        _listener.Start();
        _serving = ServeAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n{content}"));
    }

    public string Url => $"http://{_listener.LocalEndpoint}/file";

    public void Dispose()
    {
        _listener.Dispose();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync();
                using var requests = new StreamReader(connection.GetStream(), leaveOpen: true);
                while (await requests.ReadLineAsync() is { Length: > 0 })
                {
                }

                await connection.GetStream().WriteAsync(answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test has ended.
        }
    }
}
