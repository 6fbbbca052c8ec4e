using System.Buffers.Binary;
using Gantry.Engine.Containers;

namespace Gantry.Api.Streams;

/// <summary>Output and errors of a process without a terminal, one after the other as they come, for a client that reads no frames. Disposes of what it wraps.</summary>
internal sealed class UnframingStream(AttachedStream inner) : AttachedStream
{
    private readonly byte[] _header = new byte[StdCopy.HeaderBytes];
    private int _left;

    public override bool Terminal => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_left == 0)
        {
            for (var filled = 0; filled < _header.Length;)
            {
                var read = await inner.ReadAsync(_header.AsMemory(filled), cancellationToken);
                if (read == 0)
                    return 0;
                filled += read;
            }
            _left = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(4));
        }
        var count = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= count;
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) => inner.WriteAsync(buffer, cancellationToken);

    public override ValueTask CloseWriteAsync(CancellationToken cancellationToken) => inner.CloseWriteAsync(cancellationToken);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
