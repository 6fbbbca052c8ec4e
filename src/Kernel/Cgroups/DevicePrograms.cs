using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Cgroups;

/// <summary>eBPF programs that decide about devices in version 2 cgroups. Source: bpf(2), uapi/linux/bpf.h of kernel 6.18.</summary>
public static unsafe partial class DevicePrograms
{
    private const int ProgLoad = 5;
    private const int ProgAttach = 8;
    private const int ProgDetach = 9;
    private const int ProgGetFdById = 13;
    private const int ProgQuery = 16;
    private const uint TypeCgroupDevice = 15;
    private const uint AttachCgroupDevice = 6;

    // Several programs at one cgroup: all of them must allow. It lets a new one come before the old one goes.
    private const uint AllowMulti = 2;
    private const int ProgramLimit = 64;

    // The verifier gives up with EAGAIN when a signal is pending, such as .NET's own while it collects. libbpf tries as often.
    private const int LoadAttempts = 5;

    /// <summary>Loads a program; 0, or a negative errno (EINVAL, EACCES: the verifier refuses it; ENOSYS, EPERM: no such thing here).</summary>
    /// <param name="instructions">Of 8 bytes each.</param>
    /// <param name="program">The loaded program; it goes when nothing holds it.</param>
    public static int TryLoad(ReadOnlySpan<byte> instructions, out Fd? program)
    {
        program = null;
        fixed (byte* code = instructions, license = "Apache-2.0\0"u8)
        {
            var attributes = new LoadAttributes { Type = TypeCgroupDevice, Count = (uint)instructions.Length / 8, Instructions = (ulong)code, License = (ulong)license };
            var result = Bpf(ProgLoad, &attributes, sizeof(LoadAttributes));
            for (var attempt = 1; result == -Errno.EAGAIN && attempt < LoadAttempts; attempt++)
                result = Bpf(ProgLoad, &attributes, sizeof(LoadAttributes));
            if (result < 0)
                return result;
            program = new Fd(result);
            return 0;
        }
    }

    /// <summary>Puts a program in force for a cgroup in place of those before; 0, or a negative errno. There is no moment without one.</summary>
    public static int TryReplace(Fd cgroup, Fd program)
    {
        var old = stackalloc uint[ProgramLimit];
        var query = new QueryAttributes { Target = (uint)cgroup.Number, AttachType = AttachCgroupDevice, Ids = (ulong)old, Count = ProgramLimit };
        var result = Bpf(ProgQuery, &query, sizeof(QueryAttributes));
        if (result < 0)
            return result;
        var attach = new AttachAttributes { Target = (uint)cgroup.Number, Program = (uint)program.Number, AttachType = AttachCgroupDevice, Flags = AllowMulti };
        result = Bpf(ProgAttach, &attach, sizeof(AttachAttributes));
        for (var i = 0; i < query.Count && result == 0; i++)
        {
            var find = new FindAttributes { Id = old[i] };
            var known = Bpf(ProgGetFdById, &find, sizeof(FindAttributes));
            if (known < 0)
                continue;
            using var fd = new Fd(known);
            var detach = new AttachAttributes { Target = (uint)cgroup.Number, Program = (uint)known, AttachType = AttachCgroupDevice };
            result = Bpf(ProgDetach, &detach, sizeof(AttachAttributes));
        }

        GC.KeepAlive(cgroup);
        GC.KeepAlive(program);
        return result;
    }

    private static int Bpf(int command, void* attributes, int size)
    {
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;
        var result = Syscall(number, command, (nint)attributes, size, 0, 0, 0);
        return result < 0 ? -Marshal.GetLastPInvokeError() : (int)result;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    // union bpf_attr, one view for each command; the kernel takes the rest as zero.
    [StructLayout(LayoutKind.Sequential)]
    private struct LoadAttributes
    {
        public uint Type;
        public uint Count;
        public ulong Instructions;
        public ulong License;
        public uint LogLevel;
        public uint LogSize;
        public ulong LogBuffer;
        public uint KernelVersion;
        public uint Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct AttachAttributes
    {
        public uint Target;
        public uint Program;
        public uint AttachType;
        public uint Flags;
        public uint Replaced;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct QueryAttributes
    {
        public uint Target;
        public uint AttachType;
        public uint QueryFlags;
        public uint AttachFlags;
        public ulong Ids;
        public uint Count;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct FindAttributes
    {
        public uint Id;
        public uint Next;
        public uint Flags;
    }
}
