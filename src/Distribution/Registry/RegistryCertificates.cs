using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gantry.Model;

namespace Gantry.Distribution;

/// <summary>The certificates that an administrator gave for one registry: authorities that it may be certified by, and what the engine shows it.</summary>
/// <remarks>
/// Source: docs.docker.com "Verify repository client with certificates", moby registry/registry.go ReadCertsDirectory: in
/// <c>certs.d/HOST:PORT</c>, <c>*.crt</c> are authorities, beside those of the system; <c>NAME.cert</c> with <c>NAME.key</c> is a client's.
/// </remarks>
internal sealed record RegistryCertificates(X509Certificate2Collection Authorities, X509Certificate2Collection Clients)
{
    /// <summary>Reads the directories of a server; null when it has none.</summary>
    /// <param name="directories">As in <c>/etc/docker/certs.d</c>.</param>
    /// <param name="authority">Host and port as in the address.</param>
    /// <exception cref="GantryException">Invalid: a key without its certificate or the reverse, or a file that is neither.</exception>
    public static RegistryCertificates? Find(IReadOnlyList<string> directories, string authority)
    {
        var found = DirectoriesOf(directories, authority);
        if (found.Count == 0)
            return null;
        var (authorities, clients) = (new X509Certificate2Collection(), new X509Certificate2Collection());
        foreach (var file in found.SelectMany(Directory.EnumerateFiles).Order(StringComparer.Ordinal))
            Add(file, authorities, clients);
        return new(authorities, clients);
    }

    /// <summary>Changes when a file was added, removed or replaced; 0 when the server has no directory.</summary>
    public static long StampOf(IReadOnlyList<string> directories, string authority)
    {
        var stamp = new HashCode();
        var found = DirectoriesOf(directories, authority);
        foreach (var file in found.SelectMany(Directory.EnumerateFiles).Order(StringComparer.Ordinal))
        {
            stamp.Add(file);
            stamp.Add(File.GetLastWriteTimeUtc(file));
        }

        return found.Count == 0 ? 0 : (1L << 32) | (uint)stamp.ToHashCode();
    }

    /// <summary>How TLS is done with them.</summary>
    public SslClientAuthenticationOptions ToOptions() => new()
    {
        ClientCertificates = Clients.Count > 0 ? Clients : null,
        RemoteCertificateValidationCallback = Authorities.Count > 0 ? Admits : null,
    };

    // A name may contain no slash, and "." and ".." lead elsewhere.
    private static List<string> DirectoriesOf(IReadOnlyList<string> directories, string authority) =>
        authority.Contains('/', StringComparison.Ordinal) || authority is "" or "." or ".."
            ? []
            : [.. directories.Select(directory => Path.Combine(directory, authority)).Where(Directory.Exists)];

    private static void Add(string file, X509Certificate2Collection authorities, X509Certificate2Collection clients)
    {
        try
        {
            switch (Path.GetExtension(file))
            {
                case ".crt":
                    authorities.ImportFromPemFile(file);
                    break;
                case ".cert":
                    var key = Path.ChangeExtension(file, ".key");
                    if (!File.Exists(key))
                        throw GantryException.Of(ErrorKind.Invalid, $"missing key {Path.GetFileName(key)} for client certificate {Path.GetFileName(file)}. CA certificates must use the extension .crt");
                    clients.Add(X509Certificate2.CreateFromPemFile(file, key));
                    break;
                case ".key" when !File.Exists(Path.ChangeExtension(file, ".cert")):
                    throw GantryException.Of(ErrorKind.Invalid, $"missing client certificate {Path.GetFileNameWithoutExtension(file)}.cert for key {Path.GetFileName(file)}");
            }
        }
        catch (CryptographicException refused)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"{file} cannot be used: {refused.Message}; it must be PEM", cause: refused);
        }
    }

    // The system's authorities have been asked already; what they do not know may be one of these. The name must fit either way.
    private bool Admits(object sender, X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (presented is not null)
        {
            foreach (var element in presented.ChainElements)
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        return chain.Build(leaf);
    }
}
