using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gantry.Api.Server;
using Gantry.Apps.Options;
using Gantry.Model;

namespace Gantry.Apps.Startup;

/// <summary>Reads the engine's certificate, its key and the authority of its clients.</summary>
internal static class TlsFiles
{
    /// <exception cref="GantryException">Invalid: a file is missing or is not what it should be; the sentence names the file and its option.</exception>
    public static TlsIdentity Read(DaemonOptions options)
    {
        var chain = new X509Certificate2Collection();
        Import(chain, options.TlsCertificate, "--tlscert");
        var authorities = new X509Certificate2Collection();
        Import(authorities, options.TlsAuthority, "--tlscacert");
        try
        {
            return new TlsIdentity { Certificate = X509Certificate2.CreateFromPemFile(options.TlsCertificate, options.TlsKey), Chain = chain, ClientAuthorities = authorities };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"--tlskey: {options.TlsKey}: {exception.Message}", cause: exception);
        }
    }

    private static void Import(X509Certificate2Collection into, string path, string option)
    {
        try
        {
            into.ImportFromPemFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"{option}: {path}: {exception.Message}", cause: exception);
        }
        if (into.Count == 0)
            throw GantryException.Of(ErrorKind.Invalid, $"{option}: {path}: no certificate in it");
    }
}
