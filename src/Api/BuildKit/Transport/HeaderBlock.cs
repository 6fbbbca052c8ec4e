using System.Buffers;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>A block of HTTP/2 headers as RFC 7541 encodes them, as far as it takes to make several headers of one.</summary>
internal static class HeaderBlock
{
    /// <summary>Copies a block, and each literal header whose value has the separator as one header for each part.</summary>
    /// <returns>False where the block cannot be read; the output is of no use then.</returns>
    public static bool TrySplit(ReadOnlySpan<byte> block, byte separator, IBufferWriter<byte> output)
    {
        while (!block.IsEmpty)
        {
            var start = block;
            var first = block[0];
            // Indexed (6.1) and the size of the table (6.3) are numbers alone; the others are a name, or its index, and a value.
            var bits = first >= 0x80 ? 7 : first >= 0x40 ? 6 : first >= 0x20 ? 5 : 4;
            if (!TryReadNumber(ref block, bits, out var index))
                return false;
            if (bits is 7 or 5)
            {
                output.Write(start[..(start.Length - block.Length)]);
                continue;
            }

            if (index == 0 && !TryReadText(ref block, out _, out _))
                return false;
            var name = start[..(start.Length - block.Length)];
            if (!TryReadText(ref block, out var value, out var coded))
                return false;
            if (coded || value.IndexOf(separator) < 0)
            {
                output.Write(start[..(start.Length - block.Length)]);
                continue;
            }

            foreach (var part in value.Split(separator))
            {
                output.Write(name);
                WriteText(value[part], output);
            }
        }

        return true;
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> block, out ReadOnlySpan<byte> text, out bool coded)
    {
        text = default;
        coded = !block.IsEmpty && block[0] >= 0x80;
        if (!TryReadNumber(ref block, 7, out var length) || length > block.Length)
            return false;
        text = block[..length];
        block = block[length..];
        return true;
    }

    // Section 5.1: the lower bits of the first byte, and if all are set seven more of each further one.
    private static bool TryReadNumber(ref ReadOnlySpan<byte> block, int bits, out int number)
    {
        number = 0;
        if (block.IsEmpty)
            return false;
        var most = (1 << bits) - 1;
        number = block[0] & most;
        block = block[1..];
        if (number < most)
            return true;
        for (var shift = 0; shift <= 21; shift += 7)
        {
            if (block.IsEmpty)
                return false;
            var next = block[0];
            block = block[1..];
            number += (next & 0x7f) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }

    private static void WriteText(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        Span<byte> head = stackalloc byte[6];
        var count = 0;
        var rest = text.Length;
        if (rest < 0x7f)
        {
            head[count++] = (byte)rest;
        }
        else
        {
            head[count++] = 0x7f;
            for (rest -= 0x7f; rest >= 0x80; rest >>= 7)
                head[count++] = (byte)(rest | 0x80);
            head[count++] = (byte)rest;
        }

        output.Write(head[..count]);
        output.Write(text);
    }
}
