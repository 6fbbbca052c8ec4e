namespace Gantry.Client;

/// <summary>How a TLS connection to an engine is made: mutual TLS when a certificate is given.</summary>
public sealed record TlsOptions
{
    /// <summary>PEM file of the only authority whose certificates are trusted; null: the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>PEM file of this client's certificate; null: none is shown.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of this client's key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Whether the engine's certificate is verified (<c>--tlsverify</c>; <c>--tls</c> alone does not).</summary>
    public bool Verify { get; init; } = true;
}
