using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Apps.GantryRuntime;

/// <summary>Hands a terminal to the engine that asked for it (<c>--console-socket</c>): the master side by SCM_RIGHTS.</summary>
internal static class ConsoleSocket
{
    /// <summary>Checks that terminal and socket go together.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(bool terminal, bool detached, string? path)
    {
        if (detached && terminal && path is null) throw GantryException.Of(ErrorKind.Invalid, "cannot allocate tty if runc will detach without setting console socket: give --console-socket");
        if ((!detached || !terminal) && path is not null) throw GantryException.Of(ErrorKind.Invalid, "cannot use console socket if runc will not detach or allocate tty");
    }

    /// <summary>Sends the master side.</summary>
    /// <exception cref="GantryException">Unavailable: nobody listens.</exception>
    public static void Send(string path, Fd master)
    {
        try
        {
            using var socket = Sockets.Connect(path);
            if (Sockets.TrySend(socket, "/dev/ptmx"u8, master) < 0) throw GantryException.Of(ErrorKind.Unavailable, $"console socket {path} did not take the terminal");
        }
        catch (SyscallException e)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"console socket {path}: {Kernel.Abi.Errno.Text(e.Number)}", cause: e);
        }
    }
}
