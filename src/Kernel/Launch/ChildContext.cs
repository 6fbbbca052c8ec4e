using System.Runtime.InteropServices;

namespace Gantry.Kernel.Launch;

/// <summary>What the child works with: lives in the shared arena, before operations and data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ChildContext
{
    public const int RegisterCount = 16;

    // NOTE: a managed function pointer to a native function on purpose. Its calling convention for plain numbers is the C one,
    // and the call has neither a transition nor a poll for the collector, in which a child would wait for ever.
    public delegate*<long, long, long, long, long, long, long, long> Syscall;
    public int* Errno;
    public ChildOperation* First;
    public long WriteNumber;
    public long ExitNumber;
    public long ReportDescriptor;
    public fixed int Report[4];
    public fixed long Registers[RegisterCount];
}
