using System.Buffers;
using Gantry.Model;
using SharpCompress.Common;

namespace Gantry.Store;

/// <summary>Undoes xz and bzip2: streams of either, one or several in a row, as the programs of these names do.</summary>
/// <param name="compressed">The content; disposed of with this.</param>
/// <param name="open">Opens the compressed stream at the source's place. It takes no byte beyond that stream's end, or goes on with the next by itself.</param>
internal sealed class RareDecompression(Stream compressed, Func<Stream, Stream> open) : ForwardStream
{
    private const int LargestRead = 256 << 10;

    private readonly Source _source = new(compressed);
    private Stream? _plain;

    /// <exception cref="InvalidDataException">Damaged, or cut off.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (count == 0)
            return 0;
        try
        {
            while (true)
            {
                _plain ??= open(_source);
                var read = _plain.Read(buffer, offset, count);
                if (read > 0 || !_source.HasNext())
                    return read;
                _plain = null;
            }
        }
        catch (Exception e) when (e is SharpCompressException or IndexOutOfRangeException or ArithmeticException or ArgumentException or OutOfMemoryException)
        {
            // The decoders check sums, but trust some of the sizes between them.
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <inheritdoc cref="Read(byte[], int, int)"/>
    public override int Read(Span<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, LargestRead));
        try
        {
            var read = Read(rented, 0, Math.Min(buffer.Length, LargestRead));
            rented.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            compressed.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>What the decoders read: byte by byte, asking how far they are, and disposing of it when their stream ends.</summary>
    private sealed class Source(Stream inner) : ForwardStream
    {
        private readonly byte[] _buffer = new byte[64 << 10];
        private int _at;
        private int _end;
        private long _count;

        public override long Position
        {
            get => _count;
            set => throw new NotSupportedException("it cannot be rewound");
        }

        public override int ReadByte()
        {
            if (_at == _end && !Fill())
                return -1;
            _count++;
            return _buffer[_at++];
        }

        public override int Read(Span<byte> buffer)
        {
            if (_at == _end && !Fill())
                return 0;
            var length = Math.Min(buffer.Length, _end - _at);
            _buffer.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            _count += length;
            return length;
        }

        /// <summary>Whether another stream follows; zeros may stand before it (xz-file-format 2.2, "Stream Padding").</summary>
        public bool HasNext()
        {
            while (_at < _end || Fill())
            {
                if (_buffer[_at] != 0)
                    return true;
                _at++;
                _count++;
            }

            return false;
        }

        private bool Fill()
        {
            _at = 0;
            _end = inner.Read(_buffer);
            return _end > 0;
        }
    }
}
