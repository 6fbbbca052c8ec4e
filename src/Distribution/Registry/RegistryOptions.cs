namespace Gantry.Distribution;

/// <summary>How registries are reached.</summary>
public sealed record RegistryOptions
{
    /// <summary>Mirrors of Docker Hub with their scheme, as in <c>http://127.0.0.1:5000</c>; tried in order before it.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Hosts (with port) or networks (<c>10.0.0.0/8</c>) that may lack TLS or have a certificate of their own making.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Where certificates of registries are: below each, a directory named as a registry's host and port.</summary>
    public IReadOnlyList<string> CertificateDirectories { get; init; } = [];

    /// <summary>How often a broken download is taken up again before it fails.</summary>
    public int MostAttempts { get; init; } = 5;

    /// <summary>How long a connection may be silent before it counts as broken.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Proxies; what is not given comes from the environment.</summary>
    public ProxyOptions Proxies { get; init; } = new();

    public string UserAgent { get; init; } = "gantry/0.1";
}
