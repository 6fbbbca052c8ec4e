using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Launch;

/// <summary>
/// A forked copy of this process that walks a <see cref="SyscallProgram"/>. Its memory is a copy (no CLONE_VM): a container
/// that reaches a half-built child reaches nothing of ours, and the out-of-memory killer takes the child alone.
/// </summary>
public sealed unsafe partial class ForkedChild : IDisposable
{
    private const ulong CLONE_PIDFD = 0x1000;
    private const int SIG_SETMASK = 2;
    private const int CloneArgumentsSize = 88;
    private static readonly Lock Preparing = new();
    private static bool _prepared;
    private readonly ChildArena _arena;

    private ForkedChild(int pid, Fd pidFd, ChildArena arena)
    {
        Pid = pid;
        PidFd = pidFd;
        _arena = arena;
    }

    /// <summary>In the caller's pid namespace.</summary>
    public int Pid { get; }

    /// <summary>Owned by this object unless taken with the pid.</summary>
    public Fd PidFd { get; }

    /// <summary>Forks. The child has no exit signal: wait by its pidfd with __WALL (<see cref="Processes.Wait"/>).</summary>
    /// <param name="program">It must end in execve or exit_group; one that runs off its end exits with 127.</param>
    /// <param name="namespaces">CLONE_NEW* for the child.</param>
    /// <param name="reportDescriptor">Where it writes the operation that failed.</param>
    /// <exception cref="SyscallException">clone3 was refused.</exception>
    public static ForkedChild Start(SyscallProgram program, uint namespaces, int reportDescriptor)
    {
        Prepare();
        var arena = new ChildArena(program, reportDescriptor);
        try
        {
            var pidFd = -1;
            var arguments = stackalloc ulong[CloneArgumentsSize / 8];
            new Span<ulong>(arguments, CloneArgumentsSize / 8).Clear();
            arguments[0] = CLONE_PIDFD | namespaces;
            arguments[1] = (ulong)&pidFd;
            arena.Context->Errno = NativeErrnoLocation();
            var pid = Clone(arena.Context, arguments, SyscallNumbers.RtSigprocmask, SyscallNumbers.Clone3);
            if (pid < 0) throw new SyscallException("clone3", (int)-pid);
            return new ForkedChild((int)pid, new Fd(pidFd), arena);
        }
        catch
        {
            arena.Dispose();
            throw;
        }
    }

    /// <summary>Fills a reserved place of the program's data; the child must be waiting.</summary>
    public void Write(Argument place, ReadOnlySpan<byte> bytes) => _arena.Write(place, bytes);

    /// <summary>Frees the parent's view of the shared memory; the pidfd and the child stay.</summary>
    public void Dispose() => _arena.Dispose();

    // NOTE: in cooperative mode from the first to the last line (no P/Invoke): a collection cannot begin between the fork and
    // the return. All signals are blocked, so that neither .NET's own (suspension hijacks return addresses) nor anybody
    // else's handler runs in the child. This frame never returns in the child.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static long Clone(ChildContext* context, ulong* arguments, long sigprocmask, long clone3)
    {
        var all = ulong.MaxValue;
        ulong before = 0;
        context->Syscall(sigprocmask, SIG_SETMASK, (long)&all, (long)&before, 8, 0, 0);
        var pid = context->Syscall(clone3, (long)arguments, CloneArgumentsSize, 0, 0, 0, 0);
        if (pid == 0)
        {
            ChildInterpreter.Run(context);
            while (true) context->Syscall(context->ExitNumber, 127, 0, 0, 0, 0, 0);
        }

        if (pid < 0) pid = -*context->Errno;
        context->Syscall(sigprocmask, SIG_SETMASK, (long)&before, 0, 8, 0, 0);
        return pid;
    }

    // Under a JIT both methods must be compiled before the first fork: the child could not do it.
    private static void Prepare()
    {
        lock (Preparing)
        {
            if (_prepared) return;
            PrepareOnce();
            _prepared = true;
        }
    }

    private static void PrepareOnce()
    {
        Processes.SetDumpable(false);
        var program = new SyscallProgram();
        program.Call(SyscallNumbers.Getpid);
        using var arena = new ChildArena(program, -1);
        arena.Context->Errno = NativeErrnoLocation();
        ChildInterpreter.Run(arena.Context);
        var invalid = stackalloc ulong[CloneArgumentsSize / 8];
        new Span<ulong>(invalid, CloneArgumentsSize / 8).Clear();
        invalid[0] = ulong.MaxValue;
        _ = Clone(arena.Context, invalid, SyscallNumbers.RtSigprocmask, SyscallNumbers.Clone3);
    }

    [LibraryImport("libc", EntryPoint = "__errno_location")]
    private static partial int* NativeErrnoLocation();
}
