using System.Buffers.Binary;

namespace Gantry.Api.Streams;

/// <summary>Takes the frames off a stream of standard output and error, for clients that get both as one.</summary>
internal sealed class FrameContents
{
    private readonly byte[] _header = new byte[StdCopy.HeaderBytes];
    private int _headerBytes;
    private int _left;

    /// <summary>What a piece of the stream contains: parts of it. Frames may begin and end anywhere in it.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Of(ReadOnlyMemory<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (_left == 0)
            {
                var missing = Math.Min(StdCopy.HeaderBytes - _headerBytes, piece.Length);
                piece[..missing].CopyTo(_header.AsMemory(_headerBytes));
                piece = piece[missing..];
                _headerBytes += missing;
                if (_headerBytes < StdCopy.HeaderBytes)
                    yield break;
                _headerBytes = 0;
                _left = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(4));
                continue;
            }
            var count = Math.Min(_left, piece.Length);
            yield return piece[..count];
            piece = piece[count..];
            _left -= count;
        }
    }
}
