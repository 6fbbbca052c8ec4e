using System.Buffers.Binary;
using Gantry.Model;

namespace Gantry.Client;

/// <summary>Takes Docker's framing of stdout and stderr apart: 8 bytes [stream, 0, 0, 0, length] in front of each piece.</summary>
public static class OutputFrames
{
    /// <summary>Copies a framed stream to two others until it ends. What was read at once and is of one stream is written at once: lines are many and short.</summary>
    /// <param name="read">Reads some bytes; 0 at the end.</param>
    /// <param name="stdout">Takes stdout's bytes.</param>
    /// <param name="stderr">Takes stderr's bytes.</param>
    /// <exception cref="GantryException">Internal: the engine reported a failure of the stream, or it is not framed.</exception>
    public static void Copy(ReadBytes read, WriteBytes stdout, WriteBytes stderr)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(stdout);
        ArgumentNullException.ThrowIfNull(stderr);
        var buffer = new byte[32768];
        var used = 0;
        var left = 0L;
        byte stream = 1;
        var failure = new MemoryStream();
        while (true)
        {
            var got = read(buffer.AsSpan(used));
            if (got == 0)
                break;
            used += got;
            var at = 0;
            var (gathered, gatheredStream) = (0, (byte)0); // at the buffer's begin, where frames have been taken apart already
            while (at < used)
            {
                if (left == 0)
                {
                    if (used - at < 8)
                        break;
                    stream = buffer[at];
                    if (stream > 3)
                        throw GantryException.Of(ErrorKind.Internal, $"Unrecognized input header: {stream}");
                    left = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(at + 4));
                    at += 8;
                    continue;
                }
                var piece = (int)Math.Min(left, used - at);
                if (stream != gatheredStream)
                {
                    Give(gatheredStream, buffer.AsSpan(0, gathered));
                    (gathered, gatheredStream) = (0, stream);
                }
                buffer.AsSpan(at, piece).CopyTo(buffer.AsSpan(gathered));
                gathered += piece;
                at += piece;
                left -= piece;
            }
            Give(gatheredStream, buffer.AsSpan(0, gathered));
            buffer.AsSpan(at, used - at).CopyTo(buffer);
            used -= at;
        }
        if (failure.Length > 0)
            throw GantryException.Of(ErrorKind.Internal, "error from daemon in stream: " + System.Text.Encoding.UTF8.GetString(failure.ToArray()));

        void Give(byte to, ReadOnlySpan<byte> bytes)
        {
            if (bytes.IsEmpty)
                return;
            if (to == 2)
                stderr(bytes);
            else if (to == 3)
                failure.Write(bytes);
            else
                stdout(bytes);
        }
    }
}
