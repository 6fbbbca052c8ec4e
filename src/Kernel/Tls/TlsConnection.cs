using System.Diagnostics;
using System.Net;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Kernel.Tls;

/// <summary>A client's side of TLS over a socket that does not block, for an event loop. Not thread-safe.</summary>
public sealed unsafe class TlsConnection : IDisposable
{
    private const int Block = 4096;

    private readonly TlsConnectionHandle _connection;
    private readonly Fd _socket;
    private readonly string _host;
    private readonly bool _verifies;

    internal TlsConnection(TlsConnectionHandle connection, Fd socket, string host, bool verifies)
    {
        (_connection, _socket, _host, _verifies) = (connection, socket, host, verifies);
        _ = OpenSsl.SetSocket(connection, socket.Number);
        OpenSsl.SetClient(connection);
        var parameters = OpenSsl.Parameters(connection);
        if (IPAddress.TryParse(host, out _))
        {
            _ = OpenSsl.SetAddress(parameters, host);
            return;
        }
        _ = OpenSsl.SetHost(parameters, host, 0);
        _ = OpenSsl.Control(connection, OpenSsl.ControlServerName, 0, host);
    }

    /// <summary>What goes on when the socket is ready for it; none: nothing is pending.</summary>
    public Readiness Awaited { get; private set; }

    /// <summary>Whether the peers have agreed, so that what is sent is on its way.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Why the connection failed, when a call said so.</summary>
    public string? Failure { get; private set; }

    /// <summary>Agrees with the server, waiting for it.</summary>
    /// <exception cref="GantryException">Unavailable: it did not answer in time, is not trusted, or does not want this client.</exception>
    public void Handshake(int timeoutMs)
    {
        var clock = Stopwatch.StartNew();
        while (TryHandshake() is var result && result < 0)
        {
            if (result != -Errno.EAGAIN)
                throw GantryException.Of(ErrorKind.Unavailable, $"TLS with {_host}: {Failure}");
            if (!Wait(timeoutMs - (int)clock.ElapsedMilliseconds))
                throw GantryException.Of(ErrorKind.Unavailable, $"TLS with {_host}: no answer within {timeoutMs / 1000} s; is the port one for TLS?");
        }
    }

    /// <summary>Waits until the socket is ready for what <see cref="Awaited"/> says; false when the time passed.</summary>
    public bool Wait(int timeoutMs) =>
        timeoutMs > 0 && (Awaited == Readiness.Readable ? Connections.WaitReadable(_socket, timeoutMs) : Connections.WaitWritable(_socket, timeoutMs));

    /// <summary>Sends once, without waiting. What was refused is to be tried again, the same bytes.</summary>
    /// <returns>How many bytes were taken; negative: the error number, EAGAIN with <see cref="Awaited"/>.</returns>
    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (!IsReady && TryHandshake() is var result && result < 0)
            return result;
        OpenSsl.ErrorClear();
        fixed (byte* start = bytes)
        {
            var count = OpenSsl.Write(_connection, start, bytes.Length);
            return count > 0 ? Done(count) : Refused(count);
        }
    }

    /// <summary>Takes what the server sends, which nobody wants: tickets and requests for new keys among it, which OpenSSL answers.</summary>
    /// <returns>0; negative: the error number, EPIPE when the server has ended the connection.</returns>
    public int Drain()
    {
        if (!IsReady)
            return TryHandshake() is var begun && begun < 0 && begun != -Errno.EAGAIN ? begun : 0;
        var awaited = Awaited; // of a write, which goes on afterwards
        var scratch = stackalloc byte[Block];
        OpenSsl.ErrorClear();
        int count;
        while ((count = OpenSsl.Read(_connection, scratch, Block)) > 0)
        {
        }
        var result = Refused(count);
        Awaited = awaited;
        return result == -Errno.EAGAIN ? 0 : result;
    }

    /// <summary>Says goodbye as far as that goes without waiting.</summary>
    public void Dispose()
    {
        if (!_connection.IsClosed && IsReady && Failure is null)
        {
            OpenSsl.ErrorClear();
            _ = OpenSsl.Shutdown(_connection);
            // NOTE: bytes that nobody read make close(2) send a reset, at which the server may drop what it has not read itself.
            _ = Drain();
            OpenSsl.ErrorClear();
        }
        _connection.Dispose();
    }

    private int TryHandshake()
    {
        if (IsReady)
            return 0;
        OpenSsl.ErrorClear();
        var result = OpenSsl.Handshake(_connection);
        if (result != 1)
            return Refused(result);
        IsReady = true;
        return Done(0);
    }

    private int Done(int count)
    {
        Awaited = Readiness.None;
        return count;
    }

    private int Refused(int result)
    {
        switch (OpenSsl.GetError(_connection, result))
        {
            case OpenSsl.ErrorWantRead:
                Awaited = Readiness.Readable;
                return -Errno.EAGAIN;
            case OpenSsl.ErrorWantWrite:
                Awaited = Readiness.Writable;
                return -Errno.EAGAIN;
            case OpenSsl.ErrorSsl:
                // Source: SSL_get_verify_result(3): a server's certificate is looked at only in the handshake.
                var verified = _verifies && !IsReady ? OpenSsl.VerifyResult(_connection) : 0;
                Failure = verified == 0 ? OpenSsl.TakeError() : $"the server's certificate is not trusted: {OpenSsl.VerifyText(verified)}";
                return -Errno.EPROTO;
            default:
                Failure = "the server ended the connection";
                return -Errno.EPIPE;
        }
    }
}
