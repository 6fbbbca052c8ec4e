using System.Buffers.Binary;

namespace Gantry.Tests.Support;

/// <summary>Runs a classic BPF program as the kernel does for seccomp: the few instructions such filters have.</summary>
public static class BpfInterpreter
{
    /// <summary>Checks what the kernel checks before it takes a filter: every jump lands inside, and the end is a return.</summary>
    public static void Verify(ReadOnlySpan<byte> program)
    {
        var length = program.Length / 8;
        if (program.Length % 8 != 0 || length is 0 or > 4096)
            throw new InvalidDataException($"{program.Length} bytes are no filter");
        for (var i = 0; i < length; i++)
        {
            var instruction = program.Slice(i * 8, 8);
            var farthest = BinaryPrimitives.ReadUInt16LittleEndian(instruction) switch
            {
                0x05 => i + 1L + BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]),
                0x15 or 0x25 or 0x35 or 0x45 => i + 1L + Math.Max(instruction[2], instruction[3]),
                0x06 or 0x16 => i,
                _ => i + 1,
            };
            if (farthest >= length)
                throw new InvalidDataException($"instruction {i} leaves the program");
        }
    }

    /// <summary>The filter's answer to one call.</summary>
    public static uint Run(ReadOnlySpan<byte> program, uint architecture, uint number, ReadOnlySpan<ulong> arguments)
    {
        Span<byte> data = stackalloc byte[64];
        data.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], architecture);
        for (var i = 0; i < arguments.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + (i * 8))..], arguments[i]);

        uint accumulator = 0;
        for (var at = 0; ;)
        {
            var instruction = program.Slice(at * 8, 8);
            var value = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            at++;
            switch (BinaryPrimitives.ReadUInt16LittleEndian(instruction))
            {
                case 0x20:
                    accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)value..]);
                    break;
                case 0x54:
                    accumulator &= value;
                    break;
                case 0x05:
                    at += (int)value;
                    break;
                case 0x15:
                    at += accumulator == value ? instruction[2] : instruction[3];
                    break;
                case 0x25:
                    at += accumulator > value ? instruction[2] : instruction[3];
                    break;
                case 0x35:
                    at += accumulator >= value ? instruction[2] : instruction[3];
                    break;
                case 0x45:
                    at += (accumulator & value) != 0 ? instruction[2] : instruction[3];
                    break;
                case 0x06:
                    return value;
                default:
                    throw new InvalidDataException($"instruction {at - 1} is unknown");
            }
        }
    }
}
