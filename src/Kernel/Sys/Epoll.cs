using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>The kernel's readiness list. Source: epoll(7).</summary>
public static unsafe partial class Epoll
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const int EPOLL_CTL_MOD = 3;

    // struct epoll_event is packed on x86-64 and padded everywhere else (uapi/linux/eventpoll.h, EPOLL_PACKED).
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Makes an empty list.</summary>
    public static Fd Open()
    {
        var descriptor = epoll_create1(EPOLL_CLOEXEC);
        return descriptor >= 0 ? new Fd(descriptor) : throw new SyscallException("epoll_create1", Marshal.GetLastPInvokeError());
    }

    /// <summary>Adds a file with what is waited for and a number to know it by.</summary>
    public static void Add(Fd epoll, Fd file, Readiness interest, ulong token) => Control(epoll, EPOLL_CTL_ADD, file, interest, token);

    /// <summary>Changes what is waited for.</summary>
    public static void Change(Fd epoll, Fd file, Readiness interest, ulong token) => Control(epoll, EPOLL_CTL_MOD, file, interest, token);

    /// <summary>Takes a file off the list. Closing is not enough when another process holds the same open file.</summary>
    public static void Remove(Fd epoll, Fd file) => Control(epoll, EPOLL_CTL_DEL, file, 0, 0);

    /// <summary>Waits for any of the files.</summary>
    /// <param name="epoll">The list.</param>
    /// <param name="ready">What is ready, with its token.</param>
    /// <param name="timeoutMs">-1: for ever.</param>
    /// <returns>How many entries were filled; 0 also when a signal interrupted the wait.</returns>
    public static int Wait(Fd epoll, Span<(Readiness Ready, ulong Token)> ready, int timeoutMs)
    {
        const int most = 32;
        var events = stackalloc byte[most * 16];
        var count = epoll_wait(epoll, events, Math.Min(ready.Length, most), timeoutMs);
        if (count < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            return errno == Errno.EINTR ? 0 : throw new SyscallException("epoll_wait", errno);
        }
        for (var i = 0; i < count; i++)
        {
            var entry = events + (i * Stride);
            ready[i] = ((Readiness)(*(uint*)entry), *(ulong*)(entry + Stride - 8));
        }
        return count;
    }

    private static void Control(Fd epoll, int operation, Fd file, Readiness interest, ulong token)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = (uint)interest;
        *(ulong*)(entry + Stride - 8) = token;
        if (epoll_ctl(epoll, operation, file, entry) != 0)
            throw new SyscallException("epoll_ctl", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(Fd epoll, int operation, Fd file, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(Fd epoll, byte* events, int most, int timeoutMs);
}
