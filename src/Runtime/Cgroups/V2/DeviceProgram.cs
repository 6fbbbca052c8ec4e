using System.Buffers.Binary;

namespace Gantry.Runtime.Cgroups.V2;

/// <summary>Compiles device rules to an eBPF program: from the last rule to the first, as the last that matches decides.</summary>
/// <remarks>Source: kernel Documentation/bpf/standardization/instruction-set.rst; uapi/linux/bpf.h, struct bpf_cgroup_dev_ctx.</remarks>
internal static class DeviceProgram
{
    // Registers: 0 the answer, 1 the context and later a scratch, then the device that is asked for.
    private const byte Answer = 0;
    private const byte Scratch = 1;
    private const byte Type = 2;
    private const byte Access = 3;
    private const byte Major = 4;
    private const byte Minor = 5;

    private const byte LoadWord = 0x61;
    private const byte MoveRegister = 0xbc;
    private const byte MoveConstant = 0xb4;
    private const byte AndConstant = 0x54;
    private const byte ShiftRight = 0x74;
    private const byte JumpIfNot = 0x56;
    private const byte JumpIfEqual = 0x16;
    private const byte JumpIfNotRegister = 0x5e;
    private const byte Exit = 0x95;

    private const int BlockDevice = 1;
    private const int CharacterDevice = 2;

    public static byte[] Compile(DeviceRules rules)
    {
        var program = new List<byte>();
        // struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor.
        Emit(program, LoadWord, Type, Scratch, 0, 0);
        Emit(program, MoveRegister, Access, Type, 0, 0);
        Emit(program, ShiftRight, Access, 0, 0, 16);
        Emit(program, AndConstant, Type, 0, 0, 0xFFFF);
        Emit(program, LoadWord, Major, Scratch, 4, 0);
        Emit(program, LoadWord, Minor, Scratch, 8, 0);
        foreach (var rule in rules.Exceptions.Reverse())
            Rule(program, rule);
        Return(program, rules.AllowByDefault);
        return [.. program];
    }

    private static void Rule(List<byte> program, DeviceException rule)
    {
        var conditions = new List<(byte Code, byte To, byte From, int Value)> { (JumpIfNot, Type, 0, rule.Type == 'b' ? BlockDevice : CharacterDevice) };
        if (rule.Access != DeviceAccess.All)
        {
            // Allowing takes every access that is asked for, denying any one of them.
            conditions.Add((MoveRegister, Scratch, Access, 0));
            conditions.Add((AndConstant, Scratch, 0, (int)rule.Access));
            conditions.Add(rule.Allow ? (JumpIfNotRegister, Scratch, Access, 0) : (JumpIfEqual, Scratch, (byte)0, 0));
        }

        if (rule.Major is { } major)
            conditions.Add((JumpIfNot, Major, 0, unchecked((int)major)));
        if (rule.Minor is { } minor)
            conditions.Add((JumpIfNot, Minor, 0, unchecked((int)minor)));

        for (var i = 0; i < conditions.Count; i++)
        {
            var (code, to, from, value) = conditions[i];
            // A jump skips the conditions left and the two instructions that answer.
            var jumps = code is JumpIfNot or JumpIfEqual or JumpIfNotRegister;
            Emit(program, code, to, from, (short)(jumps ? conditions.Count - i - 1 + 2 : 0), value);
        }

        Return(program, rule.Allow);
    }

    private static void Return(List<byte> program, bool allow)
    {
        Emit(program, MoveConstant, Answer, 0, 0, allow ? 1 : 0);
        Emit(program, Exit, 0, 0, 0, 0);
    }

    private static void Emit(List<byte> program, byte code, byte to, byte from, short offset, int value)
    {
        Span<byte> instruction = stackalloc byte[8];
        instruction[0] = code;
        instruction[1] = (byte)(to | (from << 4));
        BinaryPrimitives.WriteInt16LittleEndian(instruction[2..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(instruction[4..], value);
        program.AddRange(instruction);
    }
}
