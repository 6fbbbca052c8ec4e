using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>A Unix socket to an engine.</summary>
/// <remarks>
/// Not System.Net.Sockets: its first connection asks the kernel for four sockets that it does not need and starts an epoll
/// thread, which a command line program waits for at every start.
/// </remarks>
internal sealed class UnixLink : EngineLink
{
    private readonly Fd _socket;

    private UnixLink(Fd socket) : base(new DescriptorStream(socket)) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <exception cref="GantryException">As <see cref="EngineLink.Open(EngineAddress)"/>.</exception>
    public static UnixLink Open(EngineAddress address, string path)
    {
        try
        {
            return new(Sockets.Connect(path));
        }
        catch (SyscallException e) when (e.Number == Errno.EACCES)
        {
            throw GantryException.Of(
                ErrorKind.Forbidden,
                $"permission denied while trying to connect to the Docker daemon socket at {address.Text}: use sudo, or add yourself to the group that owns the socket",
                cause: e);
        }
        catch (SyscallException e)
        {
            throw Unavailable(address, e.Number is Errno.ECONNREFUSED or Errno.ENOENT ? null : Errno.Text(e.Number), e);
        }
    }

    public override void CloseWrite() => Sockets.ShutdownWrite(_socket);

    public override void Abort()
    {
        try
        {
            Sockets.Shutdown(_socket);
        }
        catch (ObjectDisposedException)
        {
            // Who read the answer was faster.
        }
    }

    public override void Dispose()
    {
        // Whoever still reads is woken: closing alone would let it wait.
        Abort();
        base.Dispose();
    }
}
