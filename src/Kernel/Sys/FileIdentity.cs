using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;

namespace Gantry.Kernel.Sys;

/// <summary>Whom a thread's files belong to. Sources: setfsuid(2), capabilities(7), uapi/linux/securebits.h.</summary>
public static partial class FileIdentity
{
    private const int PR_SET_SECUREBITS = 28;
    private const int SECBIT_NO_SETUID_FIXUP = 4;
    private const nint Ask = -1; // no valid id: nothing changes, and the call says what is

    /// <summary>
    /// Makes the calling thread's files belong to another user and group, with all capabilities kept. There is no way back:
    /// call it on a thread made for it that then ends.
    /// </summary>
    /// <exception cref="SyscallException">EPERM: CAP_SETPCAP, CAP_SETUID or CAP_SETGID is missing.</exception>
    public static void Take(uint uid, uint gid)
    {
        if (Syscall(SyscallNumbers.Prctl, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0, 0) < 0)
            throw new SyscallException("prctl", Marshal.GetLastPInvokeError(), "PR_SET_SECUREBITS");
        Set(SyscallNumbers.Setfsgid, "setfsgid", gid);
        Set(SyscallNumbers.Setfsuid, "setfsuid", uid);
    }

    // These calls say what was, not whether it worked.
    private static void Set(int number, string name, uint id)
    {
        Syscall(number, (nint)id, 0, 0, 0, 0, 0);
        if ((uint)Syscall(number, Ask, 0, 0, 0, 0, 0) != id)
            throw new SyscallException(name, Errno.EPERM, id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
