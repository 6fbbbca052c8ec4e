using System.Net.Sockets;

namespace Gantry.Api.Server;

/// <summary>A bound socket to listen on. The server owns it from the start on.</summary>
public sealed record ApiListener
{
    /// <summary>Bound, not yet listening; its permissions are set by whoever bound it.</summary>
    public required Socket Socket { get; init; }

    /// <summary>Null: without TLS.</summary>
    public TlsIdentity? Tls { get; init; }
}
