using System.Globalization;
using System.Text;
using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>Sends what is written as the chunks of a request's body. The end must be told.</summary>
/// <remarks>Source: RFC 9112, 7.1.</remarks>
internal sealed class ChunkedStream(HttpConnection connection) : ForwardStream
{
    // Small pieces are put together with their frame, so that one call carries them whole.
    private const int Small = 64 << 10;

    private readonly byte[] _frame = new byte[Small + 16];

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // A chunk of no bytes would be the end.
        if (buffer.IsEmpty)
            return;
        var head = Encoding.ASCII.GetBytes(buffer.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n", _frame);
        if (buffer.Length <= Small)
        {
            buffer.CopyTo(_frame.AsSpan(head));
            "\r\n"u8.CopyTo(_frame.AsSpan(head + buffer.Length));
            connection.Send(_frame.AsSpan(0, head + buffer.Length + 2));
            return;
        }

        connection.Send(_frame.AsSpan(0, head));
        connection.Send(buffer);
        connection.Send("\r\n"u8);
    }

    /// <summary>Ends the body.</summary>
    public void Finish() => connection.Send("0\r\n\r\n"u8);
}
