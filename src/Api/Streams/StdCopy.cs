using System.Buffers;
using System.Buffers.Binary;

namespace Gantry.Api.Streams;

/// <summary>Docker's frames of standard output and error: <c>[1 or 2, 0, 0, 0, length as 32-bit big-endian]</c>, then the bytes.</summary>
/// <remarks>Source: moby pkg/stdcopy.</remarks>
public static class StdCopy
{
    public const int HeaderBytes = 8;

    public static void WriteHeader(IBufferWriter<byte> writer, bool isStderr, int length)
    {
        var header = writer.GetSpan(HeaderBytes);
        header[..HeaderBytes].Clear();
        header[0] = (byte)(isStderr ? 2 : 1);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], length);
        writer.Advance(HeaderBytes);
    }
}
