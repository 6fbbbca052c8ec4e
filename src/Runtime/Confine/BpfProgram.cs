using System.Runtime.InteropServices;
using Gantry.Model;

namespace Gantry.Runtime.Confine;

/// <summary>
/// Builds a classic BPF program from its end to its beginning: jumps only go forward, so that every target is known when a
/// jump is written. A place is named by its distance from the end.
/// </summary>
/// <remarks>Source: kernel Documentation/networking/filter.rst; uapi/linux/bpf_common.h.</remarks>
internal sealed class BpfProgram
{
    // BPF_MAXINSNS: the kernel takes no longer filter.
    private const int LengthLimit = 4096;
    private const int FarthestBranch = 255;

    private const ushort LdAbs = 0x20;
    private const ushort JmpAlways = 0x05;
    private const ushort JmpEqual = 0x15;
    private const ushort JmpGreater = 0x25;
    private const ushort JmpGreaterOrEqual = 0x35;
    private const ushort AndConstant = 0x54;
    private const ushort ReturnConstant = 0x06;

    private readonly List<Instruction> _reversed = [];
    private readonly Dictionary<uint, int> _returns = [];

    /// <summary>The place of the instruction written last: where execution would begin.</summary>
    public int Here => _reversed.Count - 1;

    /// <summary>A place that returns an action; one nearby is used again.</summary>
    public int Return(uint action)
    {
        // Leave some room, as what branches to it is yet to be written.
        if (_returns.TryGetValue(action, out var known) && _reversed.Count - known < FarthestBranch / 2)
            return known;
        return _returns[action] = Emit(ReturnConstant, 0, 0, action);
    }

    /// <summary>Loads a word of <c>struct seccomp_data</c>, then goes on at <paramref name="next"/>.</summary>
    public int Load(uint offset, int next)
    {
        Reach(next);
        return Emit(LdAbs, 0, 0, offset);
    }

    public int And(uint mask, int next)
    {
        Reach(next);
        return Emit(AndConstant, 0, 0, mask);
    }

    public int IfEqual(uint value, int then, int otherwise) => Branch(JmpEqual, value, then, otherwise);

    public int IfGreater(uint value, int then, int otherwise) => Branch(JmpGreater, value, then, otherwise);

    public int IfGreaterOrEqual(uint value, int then, int otherwise) => Branch(JmpGreaterOrEqual, value, then, otherwise);

    /// <summary>The program in the kernel's form.</summary>
    /// <exception cref="GantryException">Invalid: longer than the kernel takes.</exception>
    public byte[] ToBytes()
    {
        if (_reversed.Count > LengthLimit)
            throw GantryException.Of(ErrorKind.Invalid, $"seccomp: the filter has {_reversed.Count} instructions, and the kernel takes {LengthLimit}: give fewer rules with arguments");
        var bytes = new byte[_reversed.Count * 8];
        for (var i = 0; i < _reversed.Count; i++)
        {
            var (code, then, otherwise, value) = _reversed[^(i + 1)];
            var at = bytes.AsSpan(i * 8);
            MemoryMarshal.Write(at, code);
            at[2] = then;
            at[3] = otherwise;
            MemoryMarshal.Write(at[4..], value);
        }

        return bytes;
    }

    private int Branch(ushort code, uint value, int then, int otherwise)
    {
        if (then == otherwise)
            return then;
        // Two long jumps may be needed, and the second moves the first one step further away.
        if (Distance(otherwise) >= FarthestBranch)
            otherwise = Jump(otherwise);
        if (Distance(then) >= FarthestBranch)
            then = Jump(then);
        return Emit(code, Distance(then), Distance(otherwise), value);
    }

    // What follows an instruction that does not branch is the one written before it.
    private void Reach(int next)
    {
        if (next != Here)
            Jump(next);
    }

    private int Jump(int target) => Emit(JmpAlways, 0, 0, (uint)Distance(target));

    private int Distance(int target) => _reversed.Count - 1 - target;

    private int Emit(ushort code, int then, int otherwise, uint value)
    {
        _reversed.Add(new(code, checked((byte)then), checked((byte)otherwise), value));
        return Here;
    }

    private readonly record struct Instruction(ushort Code, byte Then, byte Otherwise, uint Value);
}
