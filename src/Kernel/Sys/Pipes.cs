using System.Runtime.InteropServices;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>What pipes and other streams need to be used in an event loop. Sources: pipe(7), fcntl(2), eventfd(2).</summary>
public static partial class Pipes
{
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;
    private const int F_SETPIPE_SZ = 1031;

    /// <summary>Makes an event counter that does not block.</summary>
    public static Fd OpenEvent()
    {
        var descriptor = eventfd(0, O_CLOEXEC | O_NONBLOCK);
        return descriptor >= 0 ? new Fd(descriptor) : throw new SyscallException("eventfd", Marshal.GetLastPInvokeError());
    }

    /// <summary>Makes an open file non-blocking, or blocking. It is the open file that changes: every holder of it sees it.</summary>
    public static void SetNonBlocking(Fd file, bool nonBlocking = true)
    {
        var flags = fcntl(file, F_GETFL, 0);
        if (flags < 0)
            throw new SyscallException("fcntl(F_GETFL)", Marshal.GetLastPInvokeError());
        flags = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        if (fcntl(file, F_SETFL, flags) != 0)
            throw new SyscallException("fcntl(F_SETFL)", Marshal.GetLastPInvokeError());
    }

    /// <summary>Asks for a pipe buffer of this size; the kernel may refuse (limits of the user), which does no harm.</summary>
    public static void TrySetCapacity(Fd pipe, int sizeBytes) => _ = fcntl(pipe, F_SETPIPE_SZ, sizeBytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(Fd file, int command, nint argument);
}
