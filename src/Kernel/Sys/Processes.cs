using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>Process calls 1:1. Source: pidfd_open(2), waitid(2), prctl(2), prlimit(2).</summary>
public static unsafe partial class Processes
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGKILL = 9;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;
    public const int SIGWINCH = 28;

    private const int P_ALL = 0;
    private const int P_PIDFD = 3;
    private const int WNOHANG = 1;
    private const int WEXITED = 4;
    private const int WALL = 0x40000000;
    private const int CLD_EXITED = 1;
    private const int PR_GET_DUMPABLE = 3;
    private const int PR_SET_DUMPABLE = 4;
    private const int PR_SET_CHILD_SUBREAPER = 36;

    /// <summary>pidfd_open(2); null when there is no such process.</summary>
    public static Fd? FindPidFd(int pid)
    {
        var number = Syscall(SyscallNumbers.PidfdOpen, pid, 0, 0, 0, 0, 0);
        if (number >= 0) return new Fd((int)number);
        var errno = Marshal.GetLastPInvokeError();
        return errno is Errno.ESRCH or Errno.EINVAL ? null : throw new SyscallException("pidfd_open", errno, $"pid {pid}");
    }

    /// <summary>pidfd_send_signal(2); 0, or a negative errno (ESRCH when it has ended). Signal 0 only asks.</summary>
    public static int TrySignal(Fd pidFd, int signal) =>
        Syscall(SyscallNumbers.PidfdSendSignal, pidFd.Number, signal, 0, 0, 0, 0) < 0 ? -Marshal.GetLastPInvokeError() : 0;

    /// <summary>kill(2); 0, or a negative errno.</summary>
    public static int TryKill(int pid, int signal) => NativeKill(pid, signal) < 0 ? -Marshal.GetLastPInvokeError() : 0;

    /// <summary>A duplicate of another process' descriptor (pidfd_getfd(2)); 0, or a negative errno.</summary>
    public static int TryGetFd(Fd pidFd, int number, out Fd? fd)
    {
        var result = Syscall(SyscallNumbers.PidfdGetfd, pidFd.Number, number, 0, 0, 0, 0);
        fd = result < 0 ? null : new Fd((int)result);
        return result < 0 ? -Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Waits until a child ends and reaps it.</summary>
    public static ProcessExit Wait(Fd pidFd)
    {
        var result = TryWait(pidFd, block: true, out var exit);
        return result < 0 ? throw new SyscallException("waitid", -result) : exit!.Value;
    }

    /// <summary>Reaps a child that has ended; 0, or a negative errno (ECHILD: not ours, or reaped). Null while it runs.</summary>
    public static int TryWait(Fd pidFd, bool block, out ProcessExit? exit)
    {
        var status = stackalloc int[32];
        exit = null;
        while (true)
        {
            status[2] = 0;
            status[3] = 0;
            // NOTE: __WALL, because launched children have no exit signal and plain waits overlook them.
            var result = NativeWaitid(P_PIDFD, (uint)pidFd.Number, status, WEXITED | WALL | (block ? 0 : WNOHANG));
            if (result < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR) continue;
                return -errno;
            }

            // siginfo_t on 64-bit: signo, errno, code, pad, pid, uid, status.
            if (status[4] == 0) return 0;
            exit = status[2] == CLD_EXITED ? new ProcessExit(status[6], 0) : new ProcessExit(0, status[6] & 0x7f);
            return 0;
        }
    }

    /// <summary>Reaps any child that has ended; false when there is none, or none has.</summary>
    public static bool TryWaitAny(out int pid, out ProcessExit exit)
    {
        var status = stackalloc int[32];
        (pid, exit) = (0, default);
        int result;
        do
            (status[2], status[3]) = (0, 0);
        while ((result = NativeWaitid(P_ALL, 0, status, WEXITED | WALL | WNOHANG)) < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        if (result < 0 || status[4] == 0)
            return false;
        pid = status[4];
        exit = status[2] == CLD_EXITED ? new ProcessExit(status[6], 0) : new ProcessExit(0, status[6] & 0x7f);
        return true;
    }

    /// <summary>Waits until a process ends, whoever its parent is; false when the time passed.</summary>
    /// <param name="timeoutMs">Milliseconds; -1 waits for ever.</param>
    public static bool WaitForEnd(Fd pidFd, int timeoutMs)
    {
        var poll = stackalloc int[2];
        while (true)
        {
            poll[0] = pidFd.Number;
            poll[1] = 1; // POLLIN
            var result = NativePoll(poll, 1, timeoutMs);
            if (result >= 0) return result > 0;
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR) throw new SyscallException("poll", errno);
        }
    }

    /// <summary>
    /// PR_SET_DUMPABLE: with false, nobody without CAP_SYS_PTRACE may open this process' memory, nor that of its forks before
    /// they exec. Every launch sets it (a half-built child is reachable from inside a shared pid namespace).
    /// </summary>
    public static void SetDumpable(bool value)
    {
        if (NativePrctl(PR_SET_DUMPABLE, value ? 1u : 0u, 0, 0, 0) < 0) throw new SyscallException("prctl", Marshal.GetLastPInvokeError(), "PR_SET_DUMPABLE");
    }

    /// <summary>PR_GET_DUMPABLE.</summary>
    public static bool IsDumpable => NativePrctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;

    /// <summary>Whether orphans below this process become its children from now on.</summary>
    public static void SetChildSubreaper(bool value)
    {
        if (NativePrctl(PR_SET_CHILD_SUBREAPER, value ? 1u : 0u, 0, 0, 0) < 0) throw new SyscallException("prctl", Marshal.GetLastPInvokeError(), "PR_SET_CHILD_SUBREAPER");
    }

    /// <summary>This process's children, ended ones that are not reaped among them. Empty where the kernel keeps no such list.</summary>
    /// <remarks>Source: proc_pid_task(5) children, CONFIG_PROC_CHILDREN. A list taken while children come and go may miss some.</remarks>
    public static IReadOnlyList<int> Children()
    {
        var children = new List<int>();
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            if (Files.TryOpenAt(null, $"{thread}/children", OpenFlags.O_RDONLY, 0, out var list) < 0)
                continue; // the thread has ended
            using (list)
            {
                foreach (var pid in System.Text.Encoding.ASCII.GetString(Files.ReadToEnd(list!)).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    children.Add(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        return children;
    }

    /// <summary>The calling thread's id, which is what per-thread files of procfs are named by.</summary>
    public static int ThreadId => NativeGettid();

    /// <summary>Effective user id.</summary>
    public static uint EffectiveUserId => NativeGeteuid();

    /// <summary>umask(2): sets the mask of new files' permissions and returns the one before. Process-wide.</summary>
    public static uint SetUmask(uint mask) => NativeUmask(mask);

    /// <summary>Replaces this process by another program, with its own arguments and environment unchanged; returns a negative errno when it fails.</summary>
    /// <param name="program">The program's file; a mount or memory file that nobody else can write.</param>
    public static int TryExecuteAgain(Fd program)
    {
        // As the kernel has them, byte for byte: managed strings would not survive what is not UTF-8.
        var raw = Files.ReadAll("/proc/self/cmdline", 64 << 20);
        var environment = NativeDlsym(0, "environ");
        if (environment == 0) return -Errno.ENOSYS;
        fixed (byte* bytes = raw)
        {
            var count = raw.AsSpan().Count((byte)0);
            var arguments = (byte**)NativeMemory.Alloc((nuint)(count + 1), (nuint)sizeof(byte*));
            var next = bytes;
            for (var i = 0; i < count; i++)
            {
                arguments[i] = next;
                while (*next++ != 0)
                {
                }
            }

            arguments[count] = null;
            byte empty = 0;
            var result = Syscall(SyscallNumbers.Execveat, program.Number, (nint)(&empty), (nint)arguments, *(nint*)environment, OpenFlags.AT_EMPTY_PATH, 0);
            var errno = Marshal.GetLastPInvokeError();
            NativeMemory.Free(arguments);
            return result < 0 ? -errno : 0;
        }
    }

    /// <summary>chdir(2). Process-wide, unless the thread has given up sharing (CLONE_FS).</summary>
    public static void ChangeDirectory(string path)
    {
        if (NativeChdir(path) < 0) throw new SyscallException("chdir", Marshal.GetLastPInvokeError(), path);
    }

    [LibraryImport("libc", EntryPoint = "dlsym", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeDlsym(nint handle, string symbol);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeChdir(string path);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int NativeWaitid(int kind, uint id, int* status, int options);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int NativePoll(int* fds, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int NativePrctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int NativeGettid();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint NativeGeteuid();

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint NativeUmask(uint mask);
}
