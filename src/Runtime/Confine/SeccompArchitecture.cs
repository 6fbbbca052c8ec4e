using System.Runtime.InteropServices;

namespace Gantry.Runtime.Confine;

/// <summary>One architecture a filter speaks of. A kernel runs a few: x86-64 runs i386 and x32 programs too.</summary>
/// <param name="Name">As in the runtime spec: <c>SCMP_ARCH_X86_64</c>.</param>
/// <param name="Audit">AUDIT_ARCH_*, in <c>seccomp_data.arch</c>. Source: uapi/linux/audit.h.</param>
/// <param name="Syscalls">Its table.</param>
/// <param name="Is32Bit">Arguments are 32 bits wide: only their low halves are compared.</param>
internal sealed record SeccompArchitecture(string Name, uint Audit, Func<SyscallTable> Syscalls, bool Is32Bit)
{
    /// <summary>The bit in the numbers of x32's calls, which share x86-64's AUDIT_ARCH.</summary>
    public const uint X32Bit = 0x4000_0000;

    private const uint AuditX64 = 0xC000_003E;

    public static SeccompArchitecture X64 { get; } = new("SCMP_ARCH_X86_64", AuditX64, () => SyscallTable.X64, false);

    public static SeccompArchitecture X86 { get; } = new("SCMP_ARCH_X86", 0x4000_0003, () => SyscallTable.X86, true);

    public static SeccompArchitecture X32 { get; } = new("SCMP_ARCH_X32", AuditX64, () => SyscallTable.X32, true);

    public static SeccompArchitecture Arm64 { get; } = new("SCMP_ARCH_AARCH64", 0xC000_00B7, () => SyscallTable.Arm64, false);

    public static SeccompArchitecture Arm { get; } = new("SCMP_ARCH_ARM", 0x4000_0028, () => SyscallTable.Arm, true);

    // What the spec names besides. Programs of these never run on the machines we are built for, so filters for them are empty.
    private static readonly HashSet<string> _foreign = new(StringComparer.Ordinal)
    {
        "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
        "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64",
        "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
    };

    /// <summary>This machine's own.</summary>
    public static SeccompArchitecture Native => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Arm64 : X64;

    /// <summary>The architecture of a name; null for one that never runs here.</summary>
    public static bool TryFind(string name, out SeccompArchitecture? architecture)
    {
        architecture = name switch
        {
            "SCMP_ARCH_X86_64" => X64,
            "SCMP_ARCH_X86" => X86,
            "SCMP_ARCH_X32" => X32,
            "SCMP_ARCH_AARCH64" => Arm64,
            "SCMP_ARCH_ARM" => Arm,
            "SCMP_ARCH_NATIVE" => Native,
            _ => null,
        };
        return architecture is not null || _foreign.Contains(name);
    }

    /// <summary>i386 reaches sockets and System V IPC through one call each, too: the call and its first argument, or null.</summary>
    public (string Call, uint Number)? Multiplexed(string name) => this != X86 ? null : name switch
    {
        "socket" => ("socketcall", 1),
        "bind" => ("socketcall", 2),
        "connect" => ("socketcall", 3),
        "listen" => ("socketcall", 4),
        "accept" => ("socketcall", 5),
        "getsockname" => ("socketcall", 6),
        "getpeername" => ("socketcall", 7),
        "socketpair" => ("socketcall", 8),
        "send" => ("socketcall", 9),
        "recv" => ("socketcall", 10),
        "sendto" => ("socketcall", 11),
        "recvfrom" => ("socketcall", 12),
        "shutdown" => ("socketcall", 13),
        "setsockopt" => ("socketcall", 14),
        "getsockopt" => ("socketcall", 15),
        "sendmsg" => ("socketcall", 16),
        "recvmsg" => ("socketcall", 17),
        "accept4" => ("socketcall", 18),
        "recvmmsg" => ("socketcall", 19),
        "sendmmsg" => ("socketcall", 20),
        "semop" => ("ipc", 1),
        "semget" => ("ipc", 2),
        "semctl" => ("ipc", 3),
        "semtimedop" => ("ipc", 4),
        "msgsnd" => ("ipc", 11),
        "msgrcv" => ("ipc", 12),
        "msgget" => ("ipc", 13),
        "msgctl" => ("ipc", 14),
        "shmat" => ("ipc", 21),
        "shmdt" => ("ipc", 22),
        "shmget" => ("ipc", 23),
        "shmctl" => ("ipc", 24),
        _ => null,
    };
}
