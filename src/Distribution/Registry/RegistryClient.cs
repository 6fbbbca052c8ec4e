using System.Collections.Concurrent;
using System.Net.Security;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Distribution;

/// <summary>Speaks to registries: the OCI distribution protocol. One for the process.</summary>
/// <remarks>Proxies are those of the options it begins with; a change of them is for the next engine, as with dockerd.</remarks>
public sealed class RegistryClient : IDisposable
{
    private readonly HttpClient _verified;
    private readonly HttpClient _unverified;
    private readonly ConcurrentDictionary<(string Authority, bool Insecure, long Stamp), Lazy<HttpClient>> _certified = new();
    private volatile RegistryOptions _options;

    public RegistryClient(RegistryOptions options)
    {
        _options = options;
        _verified = Make(new());
        _unverified = Make(Unverified(new()));
    }

    /// <summary>How registries are reached. What is under way goes on as it began when they are replaced.</summary>
    public RegistryOptions Options
    {
        get => _options;
        set
        {
            _options = value;
            PlainHttp.Clear();
        }
    }

    // Which insecure servers turned out to speak plain HTTP.
    internal ConcurrentDictionary<string, bool> PlainHttp { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A conversation about one repository.</summary>
    /// <param name="reference">Its name; tag and digest are for error texts only.</param>
    /// <param name="credentials">For the repository's own registry, never for mirrors.</param>
    public RepositoryClient Open(ImageReference reference, AuthConfig? credentials) => Open(reference, new KnownLogin(credentials));

    /// <param name="access">To the repository's own registry, never to mirrors.</param>
    /// <inheritdoc cref="Open(ImageReference, AuthConfig?)"/>
    public RepositoryClient Open(ImageReference reference, IRegistryAccess access) => new(this, reference, access);

    /// <summary>A way to put content into one repository.</summary>
    /// <param name="repository">Its name; tag and digest are for error texts only.</param>
    /// <param name="access">To its registry.</param>
    public RepositoryUpload OpenUpload(ImageReference repository, IRegistryAccess access) => new(this, repository, access);

    public void Dispose()
    {
        _verified.Dispose();
        _unverified.Dispose();
        foreach (var client in _certified.Values.Where(static c => c.IsValueCreated))
            client.Value.Dispose();
    }

    /// <summary>The client for one address that an endpoint leads to: certificates are shown to the server they are for, and to no other.</summary>
    /// <exception cref="GantryException">Invalid: the server's certificates cannot be used.</exception>
    internal HttpClient For(RegistryEndpoint endpoint, Uri address)
    {
        var directories = Options.CertificateDirectories;
        var stamp = RegistryCertificates.StampOf(directories, address.Authority);
        if (stamp == 0)
            return endpoint.IsInsecure ? _unverified : _verified;
        // Read again when the files change; connections made with the old ones end by themselves.
        return _certified.GetOrAdd((address.Authority, endpoint.IsInsecure, stamp), key => new(() =>
        {
            var ssl = RegistryCertificates.Find(directories, key.Authority)?.ToOptions() ?? new();
            return Make(key.Insecure ? Unverified(ssl) : ssl);
        })).Value;
    }

    private static SslClientAuthenticationOptions Unverified(SslClientAuthenticationOptions ssl)
    {
#pragma warning disable CA5359 // Only for registries that the administrator listed as insecure, and the loopback.
        ssl.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return ssl;
    }

    private HttpClient Make(SslClientAuthenticationOptions ssl)
    {
        // Redirects are followed by RepositoryClient, which knows what may be shown to whom.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxConnectionsPerServer = 16,
            UseCookies = false,
            SslOptions = ssl,
            Proxy = new RegistryProxy(Options.Proxies.OrEnvironment(Environment.GetEnvironmentVariable)),
        };
        // Time limits are per silence, not per download.
        var http = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd(Options.UserAgent);
        return http;
    }
}
