using System.Security.Cryptography.X509Certificates;

namespace Gantry.Api.Server;

/// <summary>Who the server is over TLS, and whom it admits.</summary>
public sealed record TlsIdentity
{
    /// <summary>The server's certificate with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Certificates sent along with the server's own.</summary>
    public X509Certificate2Collection? Chain { get; init; }

    /// <summary>Clients must show a certificate that one of these signed. The host's own authorities do not count.</summary>
    public required X509Certificate2Collection ClientAuthorities { get; init; }

    /// <summary>Whether a client's certificate leads to one of the authorities and is meant for clients.</summary>
    public bool Admits(X509Certificate2 client)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(ClientAuthorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2")); // clientAuth
        return chain.Build(client);
    }
}
