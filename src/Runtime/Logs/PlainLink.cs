using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Logs;

/// <summary>A connection as it is. A log server has nothing to say on it.</summary>
internal sealed class PlainLink(Fd socket) : ILogLink
{
    public Fd Socket => socket;

    public bool IsReady => true;

    public Readiness Interest(bool hasWaiting) => hasWaiting ? Readiness.Writable : Readiness.None;

    public int TrySend(ReadOnlySpan<byte> bytes) => Sockets.TrySend(socket, bytes);

    public int TryDrain() => 0;

    public bool Wait(int timeoutMs) => Connections.WaitWritable(socket, timeoutMs);

    public void Dispose() => socket.Dispose();
}
