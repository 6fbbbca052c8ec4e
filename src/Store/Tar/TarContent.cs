namespace Gantry.Store;

/// <summary>One entry's content as a stream.</summary>
internal sealed class TarContent(TarReader reader) : Stream
{
    private byte[] _rest = [];
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_at == _rest.Length)
        {
            var piece = reader.ReadContent();
            var direct = Math.Min(piece.Length, buffer.Length);
            piece[..direct].CopyTo(buffer);
            _rest = direct == piece.Length ? [] : piece[direct..].ToArray();
            _at = 0;
            return direct;
        }

        var length = Math.Min(buffer.Length, _rest.Length - _at);
        _rest.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
