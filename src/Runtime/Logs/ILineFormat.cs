using System.Buffers;

namespace Gantry.Runtime.Logs;

/// <summary>Makes of a line the message that a log server takes.</summary>
public interface ILineFormat
{
    /// <summary>Appends a message.</summary>
    /// <param name="to">The message.</param>
    /// <param name="line">The line, or a piece of one, without its newline.</param>
    /// <param name="isStderr">Which stream it is from.</param>
    /// <param name="isWhole">False: the line goes on in the next message.</param>
    /// <param name="time">When it was read, UTC.</param>
    void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> line, bool isStderr, bool isWhole, DateTimeOffset time);
}
