using System.Runtime.ExceptionServices;
using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>A request whose body is written while its answer is read. For two threads: the owner's, and one that writes.</summary>
internal sealed class Conversation : IDisposable
{
    private readonly HttpConnection _connection;
    private readonly Func<Func<Exception?>, HttpResponse> _read;
    private readonly Thread _thread;
    private volatile Exception? _refused;
    private volatile Exception? _failure;

    /// <param name="connection">On which the request's head is sent; belongs to this from now on.</param>
    /// <param name="send">Writes the body; returns why the engine took no more of it, or null.</param>
    /// <param name="read">Reads the answer's head; gets a way to ask why the body was not taken.</param>
    public Conversation(HttpConnection connection, Func<IOException?> send, Func<Func<Exception?>, HttpResponse> read)
    {
        _connection = connection;
        _read = read;
        _thread = new(() => Send(send)) { IsBackground = true, Name = "request body" };
        _thread.Start();
    }

    /// <summary>The answer, once its head is there.</summary>
    /// <exception cref="GantryException">As <see cref="Read"/>; or the engine's error.</exception>
    public HttpResponse Response() => Read(() => _read(() => _refused));

    /// <summary>Reads of the answer. The end of a connection that the writer gave up is told by what stopped the writer.</summary>
    /// <exception cref="GantryException">The writer's failure, or that the engine has gone.</exception>
    public T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or GantryException)
        {
            if (_failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            if (e is IOException)
                throw GantryException.Of(ErrorKind.Unavailable, $"lost the connection to the engine: {e.Message}", cause: e);
            throw;
        }
    }

    /// <summary>Ends the connection, and waits for the writer.</summary>
    public void Dispose()
    {
        _connection.Abort();
        _thread.Join();
        _connection.Dispose();
    }

    private void Send(Func<IOException?> send)
    {
        try
        {
            _refused = send();
        }
        catch (Exception e) when (e is IOException or GantryException or ObjectDisposedException)
        {
            // Who reads the answer is told by its end.
            _failure = e;
            _connection.Abort();
        }
    }
}
