using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>A TCP connection to an engine, with or without TLS.</summary>
internal sealed class TcpLink : EngineLink
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private TcpLink(Socket socket, Stream stream) : base(stream)
    {
        _socket = socket;
        _stream = stream;
    }

    /// <summary>Connects.</summary>
    /// <exception cref="GantryException">As <see cref="EngineLink.Open(EngineAddress)"/>.</exception>
    public static new TcpLink Open(EngineAddress address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(address.Host!, address.Port);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (address.Tls is { } tls)
                stream = Authenticate(stream, address.Host!, tls);
            return new(socket, stream);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or ArgumentException or CryptographicException)
        {
            socket.Dispose();
            throw Unavailable(address, e is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable } ? null : e.Message, e);
        }
    }

    public override void CloseWrite()
    {
        if (_stream is SslStream tls)
            tls.ShutdownAsync().GetAwaiter().GetResult();
        else
            _socket.Shutdown(SocketShutdown.Send);
    }

    public override void Abort()
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
}
