using System.Buffers.Binary;
using Gantry.Engine.Containers;

namespace Gantry.Api.Streams;

/// <summary>A terminal's output in frames of standard output, for a client that reads frames. Disposes of what it wraps.</summary>
internal sealed class FramingStream(AttachedStream inner) : AttachedStream
{
    public override bool Terminal => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await inner.ReadAsync(buffer[StdCopy.HeaderBytes..], cancellationToken);
        if (count == 0)
            return 0;
        var header = buffer.Span[..StdCopy.HeaderBytes];
        header.Clear();
        header[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(header[4..], count);
        return StdCopy.HeaderBytes + count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) => inner.WriteAsync(buffer, cancellationToken);

    public override ValueTask CloseWriteAsync(CancellationToken cancellationToken) => inner.CloseWriteAsync(cancellationToken);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
