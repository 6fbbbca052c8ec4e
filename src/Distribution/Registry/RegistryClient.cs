using System.Collections.Concurrent;
using System.Net.Security;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Distribution;

/// <summary>Speaks to registries: the OCI distribution protocol. One for the process.</summary>
/// <remarks>Proxies come from the environment: HTTP_PROXY, HTTPS_PROXY, NO_PROXY.</remarks>
public sealed class RegistryClient : IDisposable
{
    private readonly HttpClient _verified;
    private readonly HttpClient _unverified;

    public RegistryClient(RegistryOptions options)
    {
        Options = options;
        _verified = Make(verify: true);
        _unverified = Make(verify: false);
    }

    public RegistryOptions Options { get; }

    // Which insecure servers turned out to speak plain HTTP.
    internal ConcurrentDictionary<string, bool> PlainHttp { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A conversation about one repository.</summary>
    /// <param name="reference">Its name; tag and digest are for error texts only.</param>
    /// <param name="credentials">For the repository's own registry, never for mirrors.</param>
    public RepositoryClient Open(ImageReference reference, AuthConfig? credentials) => new(this, reference, credentials);

    public void Dispose()
    {
        _verified.Dispose();
        _unverified.Dispose();
    }

    internal HttpClient For(RegistryEndpoint endpoint) => endpoint.IsInsecure ? _unverified : _verified;

    private HttpClient Make(bool verify)
    {
        // Redirects are followed by RepositoryClient, which knows what may be shown to whom.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(20), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30), MaxConnectionsPerServer = 16, UseCookies = false };
        if (!verify)
        {
#pragma warning disable CA5359 // Only for registries that the administrator listed as insecure, and the loopback.
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359
        }

        // Time limits are per silence, not per download.
        var http = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd(Options.UserAgent);
        return http;
    }
}
