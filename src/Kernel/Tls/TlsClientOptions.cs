namespace Gantry.Kernel.Tls;

/// <summary>Whom a client of TLS believes, and how it shows who it is. Files are PEM.</summary>
public sealed record TlsClientOptions
{
    /// <summary>Authorities that are trusted besides the system's; empty: none.</summary>
    public string AuthorityFile { get; init; } = "";

    /// <summary>The client's own certificate, with those between it and its authority behind it; empty: it shows none.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>The key of <see cref="CertificateFile"/>, without a password.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Whether any server is believed.</summary>
    public bool SkipVerify { get; init; }
}
