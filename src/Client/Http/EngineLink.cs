using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>Bytes to an engine and from it, with blocking calls.</summary>
internal abstract class EngineLink(Stream stream) : IDisposable
{
    /// <summary>Connects.</summary>
    /// <exception cref="GantryException">Unavailable: nobody listens there, or TLS failed. Forbidden: no right to the socket.</exception>
    public static EngineLink Open(EngineAddress address) => address.SocketPath is { } path ? UnixLink.Open(address, path) : TcpLink.Open(address);

    /// <summary>Reads what is there, at least a byte; 0 at the end.</summary>
    /// <exception cref="LinkException">The connection broke.</exception>
    public int Read(Span<byte> into)
    {
        try
        {
            return stream.Read(into);
        }
        catch (IOException e)
        {
            throw new LinkException(e);
        }
    }

    /// <summary>Sends all of the bytes.</summary>
    /// <exception cref="LinkException">The connection broke.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            stream.Write(bytes);
        }
        catch (IOException e)
        {
            throw new LinkException(e);
        }
    }

    /// <summary>Ends the outward direction; the peer reads end of file.</summary>
    public abstract void CloseWrite();

    /// <summary>Ends both directions; may be called while another thread reads.</summary>
    public abstract void Abort();

    public virtual void Dispose() => stream.Dispose();

    /// <summary>That there is no engine at an address.</summary>
    /// <param name="detail">Why, when it says more than that nobody listens there; null: it does not.</param>
    protected static GantryException Unavailable(EngineAddress address, string? detail, Exception cause) =>
        GantryException.Of(ErrorKind.Unavailable, $"Cannot connect to the Docker daemon at {address.Text}. Is the docker daemon running?{(detail is null ? "" : $" ({detail})")}", cause: cause);
}
