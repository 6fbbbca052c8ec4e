using System.Buffers;
using Gantry.Model;

namespace Gantry.Engine.Images;

/// <summary>
/// Lets code on a thread of its own read a stream that can only be read asynchronously, as request bodies. Never on a
/// pool thread.
/// </summary>
internal sealed class BlockingStream(Stream source, CancellationToken cancellationToken) : ForwardStream
{
    public override int Read(Span<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var read = Read(rented, 0, buffer.Length);
            rented.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var reading = source.ReadAsync(buffer.AsMemory(offset, count), cancellationToken);
        return reading.IsCompletedSuccessfully ? reading.GetAwaiter().GetResult() : reading.AsTask().GetAwaiter().GetResult();
    }
}
