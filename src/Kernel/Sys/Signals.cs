using System.Runtime.InteropServices;

namespace Gantry.Kernel.Sys;

/// <summary>Dispositions of signals of this process, and its name and session. Sources: signal(2), prctl(2), setsid(2).</summary>
public static partial class Signals
{
    private const nint SIG_IGN = 1;
    private const int PR_SET_NAME = 15;

    /// <summary>Ignores a signal from now on. The launch undoes that in its children before it executes them.</summary>
    public static void Ignore(int number)
    {
        if (signal(number, SIG_IGN) == -1)
            throw new SyscallException("signal", Marshal.GetLastPInvokeError(), number.ToString());
    }

    /// <summary>What <c>ps</c> calls this process; cut after 15 bytes.</summary>
    public static void NameProcess(string name) => _ = prctl(PR_SET_NAME, name, 0, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int prctl(int option, string value, nint b, nint c, nint d);
}
