using System.Runtime.InteropServices;

namespace Gantry.Kernel.Launch;

/// <summary>An <see cref="Operation"/> as the child reads it: addresses in place of data offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ChildOperation
{
    public long Number;
    public long A;
    public long B;
    public long C;
    public long D;
    public long E;
    public long F;
    public long Least;

    /// <summary>Bit n: errno n is no failure.</summary>
    public ulong IgnoredBelow64;

    /// <summary>Bit n: errno 64 + n is no failure.</summary>
    public ulong IgnoredFrom64;

    /// <summary>Bit n: argument n is a register.</summary>
    public int RegisterMask;
    public int Step;
    public int SkipOnSuccess;
    public int SkipOnIgnored;
    public int Save;
    public int Padding;
}
