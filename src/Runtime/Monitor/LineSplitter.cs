namespace Gantry.Runtime.Monitor;

/// <summary>Cuts one stream into lines, and lines longer than 16 KiB into pieces, as Docker does.</summary>
/// <remarks>Source: moby daemon/logger/copier.go. Unlike there, no piece ends in the middle of a UTF-8 character.</remarks>
public sealed class LineSplitter
{
    /// <summary>The longest piece.</summary>
    public const int MaxPiece = 16 * 1024;

    private byte[]? _held;
    private int _count;
    private long _pieceTime;

    /// <summary>What takes a line: its bytes, with the newline when it is complete, and when it was read.</summary>
    public delegate void Sink(ReadOnlySpan<byte> line, long unixNanoseconds);

    /// <summary>Takes what was read.</summary>
    /// <param name="bytes">Any part of the stream.</param>
    /// <param name="now">Gives each line its time.</param>
    /// <param name="sink">Called for each line or piece that is complete.</param>
    public void Split(ReadOnlySpan<byte> bytes, Func<long> now, Sink sink)
    {
        while (bytes.Length > 0)
        {
            var room = MaxPiece - _count;
            var newline = bytes[..Math.Min(room, bytes.Length)].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                if (_count == 0)
                {
                    Emit(bytes[..(newline + 1)], now, sink, endsLine: true);
                }
                else
                {
                    Hold(bytes[..(newline + 1)]);
                    Emit(_held.AsSpan(0, _count), now, sink, endsLine: true);
                    _count = 0;
                }
                bytes = bytes[(newline + 1)..];
                continue;
            }
            var taken = Math.Min(room, bytes.Length);
            Hold(bytes[..taken]);
            bytes = bytes[taken..];
            if (_count == MaxPiece)
                EmitPiece(now, sink);
        }
    }

    /// <summary>The end of the stream: what is held is a line that never ended.</summary>
    public void Finish(Func<long> now, Sink sink)
    {
        if (_count > 0)
            Emit(_held.AsSpan(0, _count), now, sink, endsLine: true);
        _count = 0;
        _held = null;
    }

    private void EmitPiece(Func<long> now, Sink sink)
    {
        var cut = MaxPiece - IncompleteTail(_held.AsSpan(0, MaxPiece));
        Emit(_held.AsSpan(0, cut), now, sink, endsLine: false);
        _held.AsSpan(cut, MaxPiece - cut).CopyTo(_held);
        _count = MaxPiece - cut;
    }

    // All pieces of a line bear the time of the first.
    private void Emit(ReadOnlySpan<byte> line, Func<long> now, Sink sink, bool endsLine)
    {
        var time = _pieceTime == 0 ? now() : _pieceTime;
        _pieceTime = endsLine ? 0 : time;
        sink(line, time);
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        _held ??= new byte[MaxPiece + 1]; // one more for the newline
        bytes.CopyTo(_held.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <summary>How many of the last bytes begin a UTF-8 character that goes on behind them.</summary>
    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= 3; back++)
        {
            var octet = bytes[^back];
            if ((octet & 0xC0) == 0x80)
                continue;
            var length = octet switch { >= 0xF0 and < 0xF8 => 4, >= 0xE0 and < 0xF0 => 3, >= 0xC2 and < 0xE0 => 2, _ => 1 };
            return length > back ? back : 0;
        }
        return 0;
    }
}
