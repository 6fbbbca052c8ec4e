using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>Gives Kestrel the connections that were taken from another Kestrel, so that it speaks HTTP/2 on them.</summary>
internal sealed class HijackedListener : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; } = new HijackedEndPoint();

    public bool CanBind(EndPoint endpoint) => endpoint is HijackedEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => ValueTask.FromResult<IConnectionListener>(this);

    /// <summary>Hands a connection to the server; false: it does not listen any more.</summary>
    public bool TryServe(ConnectionContext connection) => _connections.Writer.TryWrite(connection);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _connections.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_connections.Reader.TryRead(out var connection))
                return connection;
        }
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _connections.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
