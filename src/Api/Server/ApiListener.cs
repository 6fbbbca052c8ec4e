using System.Net.Sockets;

namespace Gantry.Api.Server;

/// <summary>A bound socket to listen on. The server owns it from the start on.</summary>
public sealed record ApiListener
{
    /// <summary>Bound, not yet listening; its permissions are set by whoever bound it.</summary>
    public required Socket Socket { get; init; }

    /// <summary>
    /// Sends bytes on a connection so that the client's reads end with them, whatever is sent after; returns how many were taken. Null where
    /// the transport cannot do that, as TCP.
    /// </summary>
    public Func<Socket, ReadOnlyMemory<byte>, int>? SendApart { get; init; }

    /// <summary>Null: without TLS.</summary>
    public TlsIdentity? Tls { get; init; }
}
