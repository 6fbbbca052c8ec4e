using System.Text;
using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>
/// One HTTP/1.1 connection to an engine, used by one request at a time, with blocking calls.
/// </summary>
/// <remarks>
/// Not HttpClient: that costs a command line program about 1.6 ms more at start than a socket and cannot hijack.
/// Source: RFC 9112; Engine API "Upgrade to bidirectional stream".
/// </remarks>
internal sealed class HttpConnection(EngineLink link) : IDisposable
{
    private readonly byte[] _buffer = new byte[16384];
    private int _start;
    private int _end;

    /// <summary>Whether a request was answered on it before, so that the peer may have closed it in the meantime.</summary>
    public bool Reused { get; set; }

    /// <summary>Sends the head of a request.</summary>
    public void SendHead(StringBuilder head)
    {
        // Docker's API allows any UTF-8 in a path: it is percent-encoded before it gets here, so ASCII is enough.
        link.Write(Encoding.UTF8.GetBytes(head.ToString()));
    }

    /// <summary>Sends bytes of a request's body.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => link.Write(bytes);

    /// <summary>Ends the outward direction; the peer reads end of file.</summary>
    public void CloseWrite() => link.CloseWrite();

    /// <summary>Ends both directions; may be called while another thread reads.</summary>
    public void Abort() => link.Abort();

    /// <summary>Reads a line of a head, without its end; null when the peer closed.</summary>
    /// <exception cref="GantryException">Internal: the line is endless.</exception>
    public string? ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !Fill())
                return line.Length == 0 ? null : line.ToString();
            var span = _buffer.AsSpan(_start, _end - _start);
            var newline = span.IndexOf((byte)'\n');
            line.Append(Encoding.Latin1.GetString(newline < 0 ? span : span[..newline]));
            _start += newline < 0 ? span.Length : newline + 1;
            if (newline >= 0)
            {
                if (line.Length > 0 && line[^1] == '\r')
                    line.Length--;
                return line.ToString();
            }
            if (line.Length > 1 << 20)
                throw GantryException.Of(ErrorKind.Internal, "the engine answered with a header line of more than 1 MiB");
        }
    }

    /// <summary>Reads what is there, at least a byte; 0 at the end.</summary>
    public int Read(Span<byte> into)
    {
        if (_start == _end)
            return link.Read(into);
        var count = Math.Min(into.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(into);
        _start += count;
        return count;
    }

    public void Dispose() => link.Dispose();

    private bool Fill()
    {
        _start = 0;
        _end = link.Read(_buffer);
        return _end > 0;
    }
}
