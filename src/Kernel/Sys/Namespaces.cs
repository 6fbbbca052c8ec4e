using System.Runtime.InteropServices;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>
/// Namespace calls 1:1. They change the calling thread only: call them on a thread made for it that then ends.
/// Source: namespaces(7), uapi/linux/sched.h.
/// </summary>
public static partial class Namespaces
{
    public const uint CLONE_NEWTIME = 0x80;
    public const uint CLONE_FS = 0x200;
    public const uint CLONE_NEWNS = 0x20000;
    public const uint CLONE_NEWCGROUP = 0x2000000;
    public const uint CLONE_NEWUTS = 0x4000000;
    public const uint CLONE_NEWIPC = 0x8000000;
    public const uint CLONE_NEWUSER = 0x10000000;
    public const uint CLONE_NEWPID = 0x20000000;
    public const uint CLONE_NEWNET = 0x40000000;

    /// <summary>unshare(2).</summary>
    public static void Unshare(uint flags)
    {
        if (NativeUnshare((int)flags) < 0) throw new SyscallException("unshare", Marshal.GetLastPInvokeError());
    }

    /// <summary>setns(2) with a namespace file, or a pidfd (kernel 5.8) and the kinds to join.</summary>
    public static void Enter(Fd target, uint kinds) => Enter(target.Number, kinds);

    /// <summary>setns(2) with a descriptor that somebody else owns.</summary>
    public static void Enter(int target, uint kinds)
    {
        if (NativeSetns(target, (int)kinds) < 0) throw new SyscallException("setns", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int NativeUnshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int NativeSetns(int fd, int kinds);
}
