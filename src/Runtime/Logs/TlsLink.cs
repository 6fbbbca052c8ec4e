using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Kernel.Tls;

namespace Gantry.Runtime.Logs;

/// <summary>A connection inside TLS. It is always listened to: the server may want other keys, or end it.</summary>
internal sealed class TlsLink(Fd socket, TlsConnection connection) : ILogLink
{
    public Fd Socket => socket;

    public bool IsReady => connection.IsReady;

    public Readiness Interest(bool hasWaiting) => connection.Awaited switch
    {
        Readiness.None when hasWaiting => Readiness.Readable | Readiness.Writable,
        var awaited => Readiness.Readable | awaited,
    };

    public int TrySend(ReadOnlySpan<byte> bytes) => connection.TrySend(bytes);

    public int TryDrain() => connection.Drain();

    public bool Wait(int timeoutMs) => connection.Wait(timeoutMs);

    public void Dispose()
    {
        connection.Dispose();
        socket.Dispose();
    }
}
