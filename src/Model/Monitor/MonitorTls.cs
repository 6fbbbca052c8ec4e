namespace Gantry.Model.Monitor;

/// <summary>How a monitor speaks TLS to a log server. The paths are the host's; what is in the files goes into no message.</summary>
public sealed record MonitorTls
{
    /// <summary>Whom the server's certificate must name: a host or an address, as the user wrote it.</summary>
    public required string Host { get; init; }

    /// <summary>PEM: authorities trusted besides the system's; empty: none.</summary>
    public string AuthorityFile { get; init; } = "";

    /// <summary>PEM: the certificate to show; empty: none.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM: its key.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Whether any server is believed.</summary>
    public bool SkipVerify { get; init; }
}
