using System.Buffers;
using Gantry.Model;

namespace Gantry.Engine.Operations;

/// <summary>
/// Lets code on a thread of its own use a stream that can only be used asynchronously, as request and answer bodies. Never
/// on a pool thread.
/// </summary>
internal sealed class BlockingStream(Stream stream, CancellationToken cancellationToken) : ForwardStream
{
    public override bool CanWrite => stream.CanWrite;

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
        var reading = stream.ReadAsync(buffer.AsMemory(offset, count), cancellationToken);
        return reading.IsCompletedSuccessfully ? reading.GetAwaiter().GetResult() : reading.AsTask().GetAwaiter().GetResult();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        var writing = stream.WriteAsync(buffer.AsMemory(offset, count), cancellationToken);
        if (!writing.IsCompletedSuccessfully)
            writing.AsTask().GetAwaiter().GetResult();
    }
}
