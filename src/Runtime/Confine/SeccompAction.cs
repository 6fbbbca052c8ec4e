using Gantry.Model;

namespace Gantry.Runtime.Confine;

/// <summary>What a filter answers, as the number BPF returns. Source: uapi/linux/seccomp.h.</summary>
internal static class SeccompAction
{
    public const uint KillProcess = 0x8000_0000;
    public const uint KillThread = 0;
    public const uint Trap = 0x0003_0000;
    public const uint Errno = 0x0005_0000;
    public const uint Notify = 0x7FC0_0000;
    public const uint Trace = 0x7FF0_0000;
    public const uint Log = 0x7FFC_0000;
    public const uint Allow = 0x7FFF_0000;

    private const uint EPERM = Kernel.Abi.Errno.EPERM;

    // MAX_ERRNO of the kernel is 4095: it caps what a filter returns.
    private const uint MaxErrno = 4095;

    /// <summary>The number of an action.</summary>
    /// <param name="action">As in the spec: <c>SCMP_ACT_ERRNO</c>.</param>
    /// <param name="errnoRet">The error number (ERRNO, default EPERM) or the tracer's message (TRACE, default EPERM as well).</param>
    /// <exception cref="GantryException">Invalid: no such action, or an errno where none belongs.</exception>
    public static uint Of(string action, uint? errnoRet)
    {
        if (errnoRet is not null && action is not ("SCMP_ACT_ERRNO" or "SCMP_ACT_TRACE"))
            throw GantryException.Of(ErrorKind.Invalid, $"seccomp: errnoRet {errnoRet} is given for {action}, but only SCMP_ACT_ERRNO and SCMP_ACT_TRACE return a number");
        return action switch
        {
            "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => KillThread,
            "SCMP_ACT_KILL_PROCESS" => KillProcess,
            "SCMP_ACT_TRAP" => Trap,
            "SCMP_ACT_ERRNO" => Errno | Limited(errnoRet, MaxErrno),
            "SCMP_ACT_TRACE" => Trace | Limited(errnoRet, 0xFFFF),
            "SCMP_ACT_NOTIFY" => Notify,
            "SCMP_ACT_LOG" => Log,
            "SCMP_ACT_ALLOW" => Allow,
            _ => throw GantryException.Of(ErrorKind.Invalid, $"seccomp: \"{action}\" is not an action: they are like SCMP_ACT_ALLOW, SCMP_ACT_ERRNO"),
        };
    }

    private static uint Limited(uint? number, uint limit) => (number ?? EPERM) <= limit
        ? number ?? EPERM
        : throw GantryException.Of(ErrorKind.Invalid, $"seccomp: errnoRet {number} is above {limit}");
}
