using System.Runtime.InteropServices;

namespace Gantry.Kernel.Abi;

/// <summary>
/// System call numbers of the running architecture. Calls added after 2019 have one number everywhere; the older ones differ.
/// Source: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h (arm64).
/// </summary>
public static class SyscallNumbers
{
    private static readonly bool X64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static int Read => X64 ? 0 : 63;
    public static int Write => X64 ? 1 : 64;
    public static int Close => X64 ? 3 : 57;
    public static int RtSigaction => X64 ? 13 : 134;
    public static int RtSigprocmask => X64 ? 14 : 135;
    public static int Ioctl => X64 ? 16 : 29;
    public static int Getpid => X64 ? 39 : 172;
    public static int Socket => X64 ? 41 : 198;
    public static int Sendmsg => X64 ? 46 : 211;
    public static int Execve => X64 ? 59 : 221;
    public static int Fcntl => X64 ? 72 : 25;
    public static int Chdir => X64 ? 80 : 49;
    public static int Fchdir => X64 ? 81 : 50;
    public static int Umask => X64 ? 95 : 166;
    public static int Setsid => X64 ? 112 : 157;
    public static int Setgroups => X64 ? 116 : 159;
    public static int Setresuid => X64 ? 117 : 147;
    public static int Setresgid => X64 ? 119 : 149;
    public static int Capset => X64 ? 126 : 91;
    public static int RtSigtimedwait => X64 ? 128 : 137;
    public static int Personality => X64 ? 135 : 92;
    public static int PivotRoot => X64 ? 155 : 41;
    public static int Setfsuid => X64 ? 122 : 151;
    public static int Setfsgid => X64 ? 123 : 152;
    public static int Prctl => X64 ? 157 : 167;
    public static int Chroot => X64 ? 161 : 51;
    public static int Mount => X64 ? 165 : 40;
    public static int Umount2 => X64 ? 166 : 39;
    public static int Sethostname => X64 ? 170 : 161;
    public static int Setdomainname => X64 ? 171 : 162;
    public static int ExitGroup => X64 ? 231 : 94;
    public static int Keyctl => X64 ? 250 : 219;
    public static int IoprioSet => X64 ? 251 : 30;
    public static int Openat => X64 ? 257 : 56;
    public static int Mkdirat => X64 ? 258 : 34;
    public static int Mknodat => X64 ? 259 : 33;
    public static int Fchownat => X64 ? 260 : 54;
    public static int Unlinkat => X64 ? 263 : 35;
    public static int Symlinkat => X64 ? 266 : 36;
    public static int Fchmodat => X64 ? 268 : 53;
    public static int Faccessat => X64 ? 269 : 48;
    public static int Unshare => X64 ? 272 : 97;
    public static int Dup3 => X64 ? 292 : 24;
    public static int Prlimit64 => X64 ? 302 : 261;
    public static int Setns => X64 ? 308 : 268;
    public static int SchedSetattr => X64 ? 314 : 274;
    public static int Seccomp => X64 ? 317 : 277;
    public static int Execveat => X64 ? 322 : 281;
    public static int PidfdSendSignal => 424;
    public static int OpenTree => 428;
    public static int MoveMount => 429;
    public static int Fsopen => 430;
    public static int Fsconfig => 431;
    public static int Fsmount => 432;
    public static int PidfdOpen => 434;
    public static int Clone3 => 435;
    public static int CloseRange => 436;
    public static int Openat2 => 437;
    public static int PidfdGetfd => 438;
    public static int Faccessat2 => 439;
    public static int MountSetattr => 442;

    /// <summary>The name of a call for messages; <c>syscall N</c> when it is not one of ours.</summary>
    public static string Name(long number) => ByNumber.Names.TryGetValue(number, out var name) ? name : $"syscall {number}";

    // A class of its own: the table is made only when a message needs it.
    private static class ByNumber
    {
        public static readonly Dictionary<long, string> Names = new()
        {
            [Read] = "read",
            [Write] = "write",
            [Close] = "close",
            [RtSigaction] = "rt_sigaction",
            [RtSigprocmask] = "rt_sigprocmask",
            [Ioctl] = "ioctl",
            [Getpid] = "getpid",
            [Socket] = "socket",
            [Sendmsg] = "sendmsg",
            [Execve] = "execve",
            [Fcntl] = "fcntl",
            [Chdir] = "chdir",
            [Fchdir] = "fchdir",
            [Umask] = "umask",
            [Setsid] = "setsid",
            [Setgroups] = "setgroups",
            [Setresuid] = "setresuid",
            [Setresgid] = "setresgid",
            [Capset] = "capset",
            [Personality] = "personality",
            [PivotRoot] = "pivot_root",
            [Prctl] = "prctl",
            [Chroot] = "chroot",
            [Mount] = "mount",
            [Umount2] = "umount2",
            [Sethostname] = "sethostname",
            [Setdomainname] = "setdomainname",
            [ExitGroup] = "exit_group",
            [Keyctl] = "keyctl",
            [IoprioSet] = "ioprio_set",
            [Openat] = "openat",
            [Mkdirat] = "mkdirat",
            [Mknodat] = "mknodat",
            [Fchownat] = "fchownat",
            [Unlinkat] = "unlinkat",
            [Symlinkat] = "symlinkat",
            [Fchmodat] = "fchmodat",
            [Faccessat] = "faccessat",
            [Unshare] = "unshare",
            [Dup3] = "dup3",
            [Prlimit64] = "prlimit64",
            [Setns] = "setns",
            [SchedSetattr] = "sched_setattr",
            [Seccomp] = "seccomp",
            [Execveat] = "execveat",
            [PidfdSendSignal] = "pidfd_send_signal",
            [OpenTree] = "open_tree",
            [MoveMount] = "move_mount",
            [Fsopen] = "fsopen",
            [Fsconfig] = "fsconfig",
            [Fsmount] = "fsmount",
            [PidfdOpen] = "pidfd_open",
            [Clone3] = "clone3",
            [CloseRange] = "close_range",
            [Openat2] = "openat2",
            [PidfdGetfd] = "pidfd_getfd",
            [Faccessat2] = "faccessat2",
            [MountSetattr] = "mount_setattr",
        };
    }
}
