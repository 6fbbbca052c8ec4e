using System.Net;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Relays;

/// <summary>Passes connections that the kernel cannot forward on to a container: from the host's IPv6 to its IPv4. Costs a watched descriptor for each port until somebody connects.</summary>
/// <remarks>Everything runs on the loop's thread, and a connection has two descriptors and at most two blocks of memory.</remarks>
internal sealed class PortRelays : IDisposable
{
    /// <summary>How many connections a container may have this way; who comes then waits in the kernel's queue.</summary>
    public const int MostConnections = 512;

    private const int Queue = 128;
    private const int PauseMs = 100;

    private readonly EpollLoop _loop;
    private readonly int _most;
    private readonly List<Door> _doors = [];
    private readonly HashSet<RelayedConnection> _connections = [];
    private EpollTimer? _pause;
    private byte[]? _block;

    public PortRelays(EpollLoop loop, int most = MostConnections) => (_loop, _most) = (loop, most);

    /// <summary>How many connections there are.</summary>
    public int Count => _connections.Count;

    /// <summary>Begins to take connections.</summary>
    /// <param name="listener">A listening socket; its owner closes it after this object.</param>
    /// <param name="address">Where they go.</param>
    /// <param name="port">The port there.</param>
    public void Add(Fd listener, IPAddress address, int port)
    {
        Pipes.SetNonBlocking(listener);
        _ = InetSockets.TryListen(listener, Queue);
        var door = new Door(listener, address, port);
        door.Source = _loop.Add(listener, Readiness.Readable, _ => Take(door));
        _doors.Add(door);
    }

    /// <summary>Ends every connection, and takes no more.</summary>
    public void Dispose()
    {
        _pause?.Cancel();
        foreach (var door in _doors)
            door.Source!.Remove();
        _doors.Clear();
        foreach (var connection in _connections.ToArray())
            connection.Close();
    }

    /// <summary>Where a connection reads to before it passes on: one for all, for none keeps anything in it.</summary>
    internal Span<byte> Block => _block ??= GC.AllocateUninitializedArray<byte>(RelayedDirection.BlockBytes);

    internal void Forget(RelayedConnection connection)
    {
        _connections.Remove(connection);
        if (_pause is null)
            Listen(true);
    }

    private void Take(Door door)
    {
        // One at a time: the loop comes back for the next, and others have their turn.
        if (Sockets.TryAccept(door.Listener) is not { } client)
        {
            // Out of descriptors, or memory, and the kernel would tell of this one for ever.
            Listen(false);
            _pause ??= _loop.Schedule(PauseMs, () =>
            {
                _pause = null;
                Listen(true);
            });
            return;
        }
        if (Connections.TryBegin(door.Address, door.Port, out var server) != 0)
        {
            client.Dispose();
            return;
        }
        _connections.Add(new RelayedConnection(this, _loop, client, server!));
        if (_connections.Count >= _most)
            Listen(false);
    }

    private void Listen(bool on)
    {
        foreach (var door in _doors)
            door.Source!.Interest = on && _connections.Count < _most ? Readiness.Readable : Readiness.None;
    }

    private sealed class Door(Fd listener, IPAddress address, int port)
    {
        public Fd Listener => listener;

        public IPAddress Address => address;

        public int Port => port;

        public EpollSource? Source { get; set; }
    }
}
