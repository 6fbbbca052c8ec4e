using System.Globalization;
using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>A response's body, read from its connection.</summary>
internal sealed class BodyStream(HttpConnection connection, BodyFraming framing, long length) : ForwardStream
{
    private long _left = length;
    private bool _inChunk;

    /// <summary>Whether the body was read to its end, so that the connection can serve another request.</summary>
    public bool Ended { get; private set; } = framing == BodyFraming.Counted && length == 0;

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="GantryException">Unavailable: the engine broke off.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (Ended || buffer.Length == 0)
            return 0;
        if (framing == BodyFraming.UntilClosed)
        {
            var got = connection.Read(buffer);
            Ended = got == 0;
            return got;
        }
        if (framing == BodyFraming.Chunked && _left == 0 && !NextChunk())
            return 0;
        var read = connection.Read(buffer.Length > _left ? buffer[..(int)_left] : buffer);
        if (read == 0)
            throw BrokenOff();
        _left -= read;
        if (_left == 0 && framing == BodyFraming.Counted)
            Ended = true;
        return read;
    }

    /// <summary>Reads to the end.</summary>
    public byte[] ReadAll()
    {
        if (framing == BodyFraming.Counted && _left <= int.MaxValue)
        {
            var exact = new byte[(int)_left];
            ReadExactly(exact);
            return exact;
        }
        using var all = new MemoryStream();
        CopyTo(all);
        return all.ToArray();
    }

    private bool NextChunk()
    {
        if (_inChunk)
            connection.ReadLine();
        _inChunk = true;
        var line = connection.ReadLine() ?? throw BrokenOff();
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        var size = semicolon < 0 ? line.AsSpan() : line.AsSpan(0, semicolon);
        if (!long.TryParse(size.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0)
            throw GantryException.Of(ErrorKind.Unavailable, "the engine's answer is not valid HTTP: a chunk has no size");
        if (_left > 0)
            return true;
        while (connection.ReadLine() is { Length: > 0 })
        {
        }
        Ended = true;
        return false;
    }

    private static GantryException BrokenOff() =>
        GantryException.Of(ErrorKind.Unavailable, "the engine broke off in the middle of its answer: see its log for why");
}
