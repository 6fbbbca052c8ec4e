using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Relays;

/// <summary>A client's connection and the one to the container, each other's ends. Either side may end its half first.</summary>
internal sealed class RelayedConnection
{
    private readonly PortRelays _relays;
    private readonly EpollLoop _loop;
    private readonly Fd _client;
    private readonly Fd _server;
    private readonly RelayedDirection _there;
    private readonly RelayedDirection _back;
    private EpollSource? _clientSource;
    private EpollSource? _serverSource;
    private bool _isConnected;
    private bool _isClosed;

    public RelayedConnection(PortRelays relays, EpollLoop loop, Fd client, Fd server)
    {
        (_relays, _loop, _client, _server) = (relays, loop, client, server);
        (_there, _back) = (new(client, server), new(server, client));
        Connections.SendAtOnce(client);
        Connections.SendAtOnce(server);
        _serverSource = loop.Add(server, Readiness.Writable, OnReady);
    }

    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _clientSource?.Remove();
        _serverSource?.Remove();
        _client.Dispose();
        _server.Dispose();
        _relays.Forget(this);
    }

    private void OnReady(Readiness ready)
    {
        if (!_isConnected && Connections.TakeError(_server) != 0)
        {
            Close();
            return;
        }
        _isConnected = true;
        if (!_there.Pump(_relays.Block) || !_back.Pump(_relays.Block) || (_there.IsDone && _back.IsDone))
        {
            Close();
            return;
        }
        Watch(_client, ref _clientSource, Interest(_there, _back));
        Watch(_server, ref _serverSource, Interest(_back, _there));
    }

    private static Readiness Interest(RelayedDirection from, RelayedDirection to) =>
        (from.WantsToRead ? Readiness.Readable : Readiness.None) | (to.WantsToWrite ? Readiness.Writable : Readiness.None);

    // NOTE: a descriptor that nothing is wanted of is not watched at all: its hang-up would be told of without end.
    private void Watch(Fd socket, ref EpollSource? source, Readiness interest)
    {
        if (interest == Readiness.None)
        {
            source?.Remove();
            source = null;
        }
        else if (source is null)
        {
            source = _loop.Add(socket, interest, OnReady);
        }
        else
        {
            source.Interest = interest;
        }
    }
}
