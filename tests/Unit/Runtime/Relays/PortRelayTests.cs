using System.Net;
using System.Net.Sockets;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Runtime.Relays;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Relays;

/// <summary>A relay from ::1 to a server on 127.0.0.1, on a loop of its own.</summary>
public sealed class PortRelayTests : IAsyncDisposable
{
    private const int Most = 3;

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly EpollLoop _loop = new();
    private readonly PortRelays _relays;
    private readonly Fd _listener;
    private readonly int _port;
    private readonly Task _running;
    private volatile bool _dispose;

    public PortRelayTests()
    {
        _server.Start();
        Assert.Equal(0, InetSockets.TryBind(Transport.Tcp, IPAddress.IPv6Loopback, 0, out var bound));
        (_listener, _port) = bound;
        Assert.Equal(0, InetSockets.TryListen(_listener));
        _relays = new PortRelays(_loop, Most);
        _relays.Add(_listener, IPAddress.Loopback, ((IPEndPoint)_server.LocalEndpoint).Port);
        _running = Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _relays.Dispose();
        _listener.Dispose();
        _loop.Dispose();
        _server.Dispose();
        _end.Dispose();
    }

    [Fact]
    public async Task MuchGoesBothWaysAndEachSideEndsByItself()
    {
        using var client = await ConnectAsync();
        using var server = await _server.AcceptSocketAsync();
        var sent = new byte[40_000_000]; // more than the kernel keeps on the way
        new Random(1).NextBytes(sent);
        var sending = Task.Run(async () =>
        {
            await client.SendAsync(sent);
            client.Shutdown(SocketShutdown.Send);
        });
        // Nobody reads yet: what comes waits, and is not read further.
        await Task.Delay(100);
        Assert.False(sending.IsCompleted);
        Assert.Equal(sent, await ReadAsync(server));
        await sending;

        // The client's half has ended; the server's goes on.
        await server.SendAsync(sent.AsMemory(0, 1_000_000));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(sent[..1_000_000], await ReadAsync(client));
        await GoneAsync();
    }

    [Fact]
    public async Task LittleGoesAtOnce()
    {
        using var client = await ConnectAsync();
        using var server = await _server.AcceptSocketAsync();
        for (var round = 0; round < 100; round++)
        {
            await client.SendAsync("ask"u8.ToArray());
            Assert.Equal("ask", await ReceiveAsync(server));
            await server.SendAsync("answer"u8.ToArray());
            Assert.Equal("answer", await ReceiveAsync(client));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AResetEndsBoth(bool clients)
    {
        using var client = await ConnectAsync();
        using var server = await _server.AcceptSocketAsync();
        var (dying, other) = clients ? (client, server) : (server, client);
        dying.LingerState = new LingerOption(true, 0);
        dying.Close();
        Assert.Empty(await ReadAsync(other));
        await GoneAsync();
    }

    [Fact]
    public async Task NobodyThereEndsTheClient()
    {
        _server.Stop();
        using var client = await ConnectAsync();
        Assert.Empty(await ReadAsync(client));
        await GoneAsync();
    }

    [Fact]
    public async Task MoreThanTheMostWait()
    {
        List<Socket> clients = [], servers = [];
        for (var i = 0; i < Most; i++)
        {
            clients.Add(await ConnectAsync());
            servers.Add(await _server.AcceptSocketAsync());
        }
        using var late = await ConnectAsync(); // the kernel takes it
        var accepting = _server.AcceptSocketAsync();
        await Task.Delay(200);
        Assert.False(accepting.IsCompleted);

        servers[0].Dispose();
        clients[0].Dispose();
        using var served = await accepting.WaitAsync(TimeSpan.FromSeconds(30));
        await served.SendAsync("hello"u8.ToArray());
        Assert.Equal("hello", await ReceiveAsync(late));
        foreach (var socket in clients.Concat(servers))
            socket.Dispose();
    }

    [Fact]
    public async Task TheEndOfTheContainerEndsConnections()
    {
        using var client = await ConnectAsync();
        using var server = await _server.AcceptSocketAsync();
        _dispose = true;
        Assert.Empty(await ReadAsync(client));
        Assert.Empty(await ReadAsync(server));
        Assert.Equal(0, _relays.Count);
    }

    private void Run()
    {
        while (!_end.IsCancellationRequested)
        {
            _loop.RunOnce(20);
            if (_dispose)
                _relays.Dispose();
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.IPv6Loopback, _port);
        return socket;
    }

    private Task GoneAsync() => Eventually.HoldsAsync("nothing is kept of the connection", () => Task.FromResult(_relays.Count == 0));

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[100];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
    }

    // Until the end; an abrupt one is one as well.
    private static async Task<byte[]> ReadAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            while (await socket.ReceiveAsync(buffer) is var count and > 0)
                all.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
        }
        return all.ToArray();
    }
}
