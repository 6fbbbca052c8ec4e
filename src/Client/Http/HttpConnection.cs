using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
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
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16384];
    private int _start;
    private int _end;

    private HttpConnection(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    /// <summary>Whether a request was answered on it before, so that the peer may have closed it in the meantime.</summary>
    public bool Reused { get; set; }

    /// <summary>Connects.</summary>
    /// <exception cref="GantryException">Unavailable: nobody listens there, or TLS failed. Forbidden: no right to the socket.</exception>
    public static HttpConnection Open(EngineAddress address)
    {
        var socket = address.SocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (address.SocketPath is { } path)
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                return new(socket, new NetworkStream(socket, ownsSocket: true));
            }
            socket.NoDelay = true;
            socket.Connect(address.Host!, address.Port);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (address.Tls is { } tls)
                stream = Authenticate(stream, address.Host!, tls);
            return new(socket, stream);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            socket.Dispose();
            throw Refused(address, e);
        }
    }

    /// <summary>Sends the head of a request.</summary>
    public void SendHead(StringBuilder head)
    {
        // Docker's API allows any UTF-8 in a path: it is percent-encoded before it gets here, so ASCII is enough.
        _stream.Write(Encoding.UTF8.GetBytes(head.ToString()));
    }

    /// <summary>Sends bytes of a request's body.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Ends the outward direction; the peer reads end of file.</summary>
    public void CloseWrite()
    {
        if (_stream is SslStream tls)
            tls.ShutdownAsync().GetAwaiter().GetResult();
        else
            _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Ends both directions; may be called while another thread reads.</summary>
    public void Abort()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster, or who read the answer.
        }
    }

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
            return _stream.Read(into);
        var count = Math.Min(into.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(into);
        _start += count;
        return count;
    }

    public void Dispose() => _stream.Dispose();

    private bool Fill()
    {
        _start = 0;
        _end = _stream.Read(_buffer);
        return _end > 0;
    }

    private static SslStream Authenticate(Stream inner, string host, TlsOptions tls)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (tls.CertificateFile is { } certificate && File.Exists(certificate))
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, tls.KeyFile)];
        if (!tls.Verify)
        {
            // --tls without --tlsverify encrypts without checking who answers; that is what Docker's flag means.
#pragma warning disable CA5359
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (tls.AuthorityFile is { } authority && File.Exists(authority))
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(authority);
            options.CertificateChainPolicy = policy;
        }
        var stream = new SslStream(inner);
        stream.AuthenticateAsClient(options);
        return stream;
    }

    private static GantryException Refused(EngineAddress address, Exception cause)
    {
        if (cause is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            return GantryException.Of(
                ErrorKind.Forbidden,
                string.Create(CultureInfo.InvariantCulture, $"permission denied while trying to connect to the Docker daemon socket at {address.Text}: use sudo, or add yourself to the group that owns the socket"),
                cause: cause);
        }
        var tail = cause is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.Fault }
            || (cause is SocketException && address.SocketPath is not null && !File.Exists(address.SocketPath))
            ? ""
            : $" ({cause.Message})";
        return GantryException.Of(ErrorKind.Unavailable, $"Cannot connect to the Docker daemon at {address.Text}. Is the docker daemon running?{tail}", cause: cause);
    }
}
