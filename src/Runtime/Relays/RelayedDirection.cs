using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Relays;

/// <summary>One way of a relayed connection: what came and could not be sent yet, and whether the end has come.</summary>
internal sealed class RelayedDirection(Fd from, Fd to)
{
    /// <summary>How much is read at once, and may wait.</summary>
    public const int BlockBytes = 16 * 1024;

    // So that one busy connection leaves the loop to the others.
    private const int MostBlocks = 8;

    private byte[]? _waiting;
    private int _sent;

    /// <summary>Whether the end has come and been passed on.</summary>
    public bool IsDone { get; private set; }

    public bool WantsToRead => _waiting is null && !IsDone;

    public bool WantsToWrite => _waiting is not null;

    /// <summary>Passes on what there is.</summary>
    /// <param name="block">Room for what is read; nothing stays in it.</param>
    /// <returns>Whether the connection is still good.</returns>
    public bool Pump(Span<byte> block)
    {
        for (var round = 0; round < MostBlocks; round++)
        {
            if (_waiting is { } waiting)
            {
                var count = Sockets.TrySend(to, waiting.AsSpan(_sent));
                if (count < 0)
                    return count == -Errno.EAGAIN;
                _sent += count;
                if (_sent < waiting.Length)
                    return true;
                (_waiting, _sent) = (null, 0);
            }
            if (IsDone)
                return true;
            var read = Sockets.TryReceive(from, block);
            if (read < 0)
                return read == -Errno.EAGAIN;
            if (read == 0)
            {
                // At once: nothing waits, and nothing would bring the loop back here.
                Sockets.ShutdownWrite(to);
                IsDone = true;
                return true;
            }
            var sent = Sockets.TrySend(to, block[..read]);
            if (sent < 0 && sent != -Errno.EAGAIN)
                return false;
            sent = Math.Max(sent, 0);
            if (sent < read)
                _waiting = block[sent..read].ToArray();
        }
        return true;
    }
}
