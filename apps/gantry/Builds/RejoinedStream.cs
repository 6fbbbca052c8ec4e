using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary>A stream whose beginning was read already.</summary>
internal sealed class RejoinedStream(ReadOnlyMemory<byte> start, Stream rest) : ForwardStream
{
    private int _at;

    public override int Read(Span<byte> buffer)
    {
        if (_at == start.Length)
            return rest.Read(buffer);
        var length = Math.Min(buffer.Length, start.Length - _at);
        start.Span.Slice(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
