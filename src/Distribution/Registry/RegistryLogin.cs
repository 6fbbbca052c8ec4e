using System.Net;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Distribution;

/// <summary>Tries credentials on a registry, as <c>login</c> does before it keeps them.</summary>
/// <remarks>Source: OCI distribution spec, end-1 (<c>GET /v2/</c>); moby registry/auth.go loginV2.</remarks>
public sealed class RegistryLogin(RegistryClient client)
{
    private const int MostTries = 2;

    /// <summary>Asks the registry of <see cref="AuthConfig.ServerAddress"/>; none is Docker Hub.</summary>
    /// <exception cref="GantryException">Unauthenticated: it does not take them. Unavailable: it cannot be reached. Invalid: its address is none.</exception>
    public async Task CheckAsync(AuthConfig credentials, CancellationToken cancellationToken)
    {
        // Never a mirror: credentials are for the registry itself.
        var endpoint = RegistryEndpoint.For(DomainOf(credentials.ServerAddress), client.Options)[^1];
        try
        {
            await CheckAsync(endpoint, new Uri(endpoint.Address, "v2/"), credentials, cancellationToken);
        }
        catch (HttpRequestException e) when (endpoint.IsInsecure && e.HttpRequestError is HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError)
        {
            await CheckPlainAsync(endpoint, credentials, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw RegistryErrors.Unreachable(endpoint.Address, e);
        }
    }

    /// <summary>The registry that an address means: people write <c>https://index.docker.io/v1/</c> and <c>registry.example:5000</c> alike.</summary>
    internal static string DomainOf(string? address)
    {
        var rest = address ?? "";
        var scheme = rest.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
            rest = rest[(scheme + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
            rest = rest[..slash];
        if (rest is "" or "index.docker.io" or "registry-1.docker.io")
            return ImageReference.DefaultDomain;
        return Uri.TryCreate($"https://{rest}/", UriKind.Absolute, out var whole) && string.Equals(whole.Authority, rest, StringComparison.OrdinalIgnoreCase)
            ? rest
            : throw GantryException.Of(ErrorKind.Invalid, $"invalid registry address \"{address}\": write it as in registry.example or registry.example:5000");
    }

    private async Task CheckPlainAsync(RegistryEndpoint endpoint, AuthConfig credentials, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(new Uri(endpoint.Address, "v2/")) { Scheme = "http", Port = endpoint.Address.IsDefaultPort ? 80 : endpoint.Address.Port }.Uri;
        try
        {
            await CheckAsync(endpoint, address, credentials, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw RegistryErrors.Unreachable(address, e);
        }
    }

    private async Task CheckAsync(RegistryEndpoint endpoint, Uri address, AuthConfig credentials, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(client.Options.SilenceLimit);
        var authorizer = new Authorizer(server => client.For(endpoint, server), scope: "", new KnownLogin(credentials));
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.Authorization = authorizer.For(address);
                using var response = await client.For(endpoint, address).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
                if (response.IsSuccessStatusCode)
                    return;
                if (response.StatusCode == HttpStatusCode.Unauthorized && attempt < MostTries && await authorizer.AnswerAsync(address, response, mayShowCredentials: true, silence.Token))
                    continue;
                throw Refused(address, response.StatusCode);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw RegistryErrors.Unreachable(address, new TimeoutException("it does not answer", e));
        }
    }

    // Source: moby registry/auth.go.
    private static GantryException Refused(Uri address, HttpStatusCode status) => GantryException.Of(
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ErrorKind.Unauthenticated : ErrorKind.Unavailable,
        $"login attempt to {address} failed with status: {(int)status} {ReasonOf(status)}");

    private static string ReasonOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "Unauthorized",
        HttpStatusCode.NotFound => "Not Found",
        _ => status.ToString(),
    };
}
