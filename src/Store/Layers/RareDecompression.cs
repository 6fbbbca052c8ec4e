using Gantry.Model;
using SharpCompress.Common;

namespace Gantry.Store;

/// <summary>Undoes xz and bzip2: streams of either, one or several in a row, as the programs of these names do.</summary>
/// <param name="source">The compressed content; disposed of with this.</param>
/// <param name="open">Opens the compressed stream at the source's place. It takes no byte beyond that stream's end, or goes on with the next by itself.</param>
internal sealed class RareDecompression(Stream source, Func<Stream, Stream> open) : ForwardStream
{
    private Stream? _plain;

    /// <exception cref="InvalidDataException">Damaged, or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        try
        {
            while (true)
            {
                _plain ??= open(new Source(source));
                var read = _plain.Read(buffer);
                if (read > 0 || !FindNext())
                    return read;
            }
        }
        catch (Exception e) when (e is SharpCompressException or IndexOutOfRangeException or ArithmeticException or ArgumentException or OutOfMemoryException)
        {
            // The decoders check sums, but trust some of the sizes between them.
            throw new InvalidDataException(e.Message, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    // Between streams of xz there may be zeros, four at a time.
    private bool FindNext()
    {
        var start = new byte[4];
        int read;
        while ((read = source.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)) == start.Length && !start.AsSpan().ContainsAnyExcept((byte)0))
        {
        }

        if (read == 0)
            return false;
        source = new PrefixedStream(start.AsMemory(0, read), source);
        _plain = null;
        return true;
    }

    // The decoders ask how far they are, and dispose of what they read when it ends.
    private sealed class Source(Stream inner) : ForwardStream
    {
        private long _count;

        public override long Position
        {
            get => _count;
            set => throw new NotSupportedException("it cannot be rewound");
        }

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            _count += read;
            return read;
        }
    }
}
