using Gantry.Kernel.Fds;
using Gantry.Model;

namespace Gantry.Kernel.Tls;

/// <summary>What a client of TLS 1.2 and 1.3 has read from its files, for any number of connections. For programs too small for .NET's own TLS.</summary>
/// <remarks>The files are read once: what becomes of them later changes nothing.</remarks>
public sealed class TlsClient : IDisposable
{
    private readonly TlsClientHandle _context;
    private readonly TlsClientOptions _options;

    private TlsClient(TlsClientHandle context, TlsClientOptions options)
    {
        _context = context;
        _options = options;
    }

    /// <summary>Loads OpenSSL and reads the files.</summary>
    /// <exception cref="GantryException">Unavailable: OpenSSL is missing. Invalid: a file cannot be read, or is not what it should be.</exception>
    public static TlsClient Open(TlsClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        TlsClientHandle context;
        try
        {
            context = OpenSsl.NewContext(OpenSsl.ClientMethod());
        }
        catch (DllNotFoundException missing)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"OpenSSL is missing, so there is no TLS; install it with: apt-get install {OpenSsl.Package}", cause: missing);
        }
        try
        {
            OpenSsl.ErrorClear();
            OpenSsl.RefusePasswords(context);
            _ = OpenSsl.Control(context, OpenSsl.ControlMinimum, OpenSsl.Tls12, 0);
            _ = OpenSsl.Control(context, OpenSsl.ControlMode, OpenSsl.ModePartialWrite | OpenSsl.ModeMovingBuffer, 0);
            OpenSsl.SetVerify(context, options.SkipVerify ? OpenSsl.VerifyNone : OpenSsl.VerifyPeer, 0);
            if (!options.SkipVerify)
                Trust(context, options);
            if (options.CertificateFile.Length > 0 || options.KeyFile.Length > 0)
                Identify(context, options);
            return new(context, options);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <summary>Begins a connection: the handshake is made by <see cref="TlsConnection.Handshake"/> or by the first bytes that are sent.</summary>
    /// <param name="socket">A connected socket that does not block; the caller keeps owning it.</param>
    /// <param name="host">Whom its certificate must name: a host's name or an address in digits.</param>
    public TlsConnection Connect(Fd socket, string host)
    {
        OpenSsl.ErrorClear();
        var connection = OpenSsl.NewConnection(_context);
        if (connection.IsInvalid)
            throw GantryException.Of(ErrorKind.Exhausted, $"OpenSSL could not make a connection: {OpenSsl.TakeError()}");
        return new TlsConnection(connection, socket, host, !_options.SkipVerify);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private static void Trust(TlsClientHandle context, TlsClientOptions options)
    {
        _ = OpenSsl.TrustSystem(context);
        if (options.AuthorityFile.Length > 0 && OpenSsl.TrustFile(context, options.AuthorityFile, 0) != 1)
            throw Unreadable("could not read CA certificate", options.AuthorityFile);
        OpenSsl.ErrorClear(); // of a system that has no authorities
    }

    private static void Identify(TlsClientHandle context, TlsClientOptions options)
    {
        if (OpenSsl.UseCertificate(context, options.CertificateFile) != 1)
            throw Unreadable("could not load X509 key pair: certificate", options.CertificateFile);
        if (OpenSsl.UseKey(context, options.KeyFile, OpenSsl.FileIsPem) != 1)
            throw Unreadable("could not load X509 key pair: key", options.KeyFile);
    }

    // Source of the words: docker/go-connections tlsconfig/config.go.
    private static GantryException Unreadable(string what, string path) =>
        GantryException.Of(ErrorKind.Invalid, $"{what} \"{path}\": {OpenSsl.TakeError()}");
}
