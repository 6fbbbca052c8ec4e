using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>
/// A container's streams on a connection of their own: what it writes can be read, what is written goes to its stdin.
/// Reading and writing may be done by two threads at once. Whoever opened it disposes it.
/// </summary>
public sealed class HijackedStream : IDisposable
{
    private readonly HttpResponse _response;

    internal HijackedStream(HttpResponse response) => _response = response;

    /// <summary>Whether the engine says that stdout and stderr are framed; null when it does not say (before API 1.42).</summary>
    public bool? Multiplexed => _response.FindHeader("Content-Type") switch
    {
        "application/vnd.docker.multiplexed-stream" => true,
        _ => null,
    };

    /// <summary>Reads some bytes; 0 when the container's output ended.</summary>
    public int Read(Span<byte> buffer) => _response.Body.Read(buffer);

    /// <summary>Sends bytes to the container's stdin.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _response.Connection.Send(bytes);

    /// <summary>Closes the container's stdin; output can still be read.</summary>
    public void CloseWrite() => _response.Connection.CloseWrite();

    /// <summary>Breaks the connection off: a thread that reads from it sees the end at once. The container goes on.</summary>
    public void Abort() => _response.Connection.Abort();

    /// <inheritdoc/>
    public void Dispose() => _response.Dispose();
}
