using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;

namespace Gantry.Kernel.Sys;

/// <summary>Takes the process's signals one by one, in order, instead of being interrupted by them. Sources: sigwaitinfo(2), pthread_sigmask(3).</summary>
public static unsafe partial class SignalQueue
{
    private const int SIG_BLOCK = 0;
    private const int Words = 16; // sigset_t: 128 bytes

    // Faults of this process itself, and terminal stops, which a process without job control does not want. 34, SIGRTMIN,
    // is what the runtime stops its own threads with.
    private static readonly int[] _left = [4, 5, 6, 7, 8, 11, 21, 22, 31, 34];

    /// <summary>Blocks all signals in every thread, so that they wait to be taken. For a process that starts no threads afterwards.</summary>
    public static void TakeAll()
    {
        foreach (var number in (ReadOnlySpan<int>)[21, 22]) // SIGTTIN, SIGTTOU
            Signals.Ignore(number);
        Block();
        // NOTE: the runtime has a second thread, for finalizers, which was there before Main and would take signals that this
        // one blocks. A finalizer runs on it.
        LeaveToFinalizer();
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Waits for the next signal.</summary>
    public static int Next()
    {
        var set = stackalloc ulong[Words];
        Fill(set);
        while (true)
        {
            var number = sigwaitinfo(set, null);
            if (number > 0)
                return number;
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new SyscallException("sigwaitinfo", errno);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveToFinalizer() => _ = new BlockingOnFinalizer();

    private static void Block()
    {
        var set = stackalloc ulong[Words];
        Fill(set);
        var errno = pthread_sigmask(SIG_BLOCK, set, null);
        if (errno != 0)
            throw new SyscallException("pthread_sigmask", errno);
    }

    private static void Fill(ulong* set)
    {
        new Span<ulong>(set, Words).Fill(ulong.MaxValue);
        foreach (var number in _left)
            set[0] &= ~(1UL << (number - 1));
    }

    [LibraryImport("libc")]
    private static partial int pthread_sigmask(int how, ulong* set, ulong* old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sigwaitinfo(ulong* set, byte* information);

    private sealed class BlockingOnFinalizer
    {
        ~BlockingOnFinalizer() => Block();
    }
}
