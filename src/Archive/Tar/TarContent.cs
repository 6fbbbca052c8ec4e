using Gantry.Model;

namespace Gantry.Archive;

/// <summary>One entry's content as a stream.</summary>
internal sealed class TarContent(TarReader reader) : ForwardStream
{
    private byte[] _rest = [];
    private int _at;

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
}
