using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Distribution;

/// <summary>Obtains what one server asks to see, for one repository, and remembers it. Credentials go to no other server.</summary>
/// <remarks>Source: distribution docs/spec/auth/token.md and oauth.md.</remarks>
/// <param name="http">The client for an address.</param>
/// <param name="scope">What is asked for when the server names nothing.</param>
/// <param name="access">For that server; null: nobody speaks for anybody.</param>
internal sealed class Authorizer(Func<Uri, HttpClient> http, string scope, IRegistryAccess? access)
{
    private const int LargestAnswer = 1 << 20;
    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What to show to a server without being asked; null: nothing is known to be needed.</summary>
    public AuthenticationHeaderValue? For(Uri address) => _known.GetValueOrDefault(address.GetLeftPart(UriPartial.Authority));

    /// <summary>Answers a 401. False when there is nothing (more) to show.</summary>
    /// <param name="mayShowCredentials">Whether the server is the one that the credentials are for.</param>
    public async Task<bool> AnswerAsync(Uri address, HttpResponseMessage refusal, bool mayShowCredentials, CancellationToken cancellationToken)
    {
        var challenges = refusal.Headers.WwwAuthenticate.SelectMany(h => AuthChallenge.Parse(h.ToString())).ToList();
        var shown = mayShowCredentials ? access : null;
        AuthenticationHeaderValue? answer = null;
        if (challenges.Find(c => c.Scheme == "bearer") is { } bearer)
            answer = new("Bearer", await TokenAsync(address, bearer, shown, cancellationToken));
        else if (challenges.Any(c => c.Scheme == "basic"))
            answer = Basic(await LoginAsync(shown, cancellationToken)) ?? throw RegistryErrors.Unauthorized(address, "no basic auth credentials");
        if (answer is null)
            return false;
        _known[address.GetLeftPart(UriPartial.Authority)] = answer;
        // The same answer again would only be refused again. NOTE: not what is known by now counts, but what the refused request showed:
        // requests that were sent side by side are all refused, and one of them is answered first.
        return refusal.RequestMessage?.Headers.Authorization is not { } before || before.Scheme != answer.Scheme || before.Parameter != answer.Parameter;
    }

    /// <summary>User name and password, told apart or in one; null when there are none.</summary>
    internal static (string User, string Password)? Split(AuthConfig? credentials)
    {
        if (!string.IsNullOrEmpty(credentials?.Username))
            return (credentials.Username, credentials.Password ?? "");
        if (string.IsNullOrEmpty(credentials?.Auth))
            return null;
        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(credentials.Auth));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static AuthenticationHeaderValue? Basic(AuthConfig? credentials) =>
        Split(credentials) is var (user, password) ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))) : null;

    private static async Task<AuthConfig?> LoginAsync(IRegistryAccess? access, CancellationToken cancellationToken) => access is null ? null : await access.FindLoginAsync(cancellationToken);

    // A secret travels without TLS only when the registry itself has none.
    private static (Uri? Realm, string Fault) RealmOf(Uri address, AuthChallenge challenge)
    {
        if (!Uri.TryCreate(challenge.Find("realm"), UriKind.Absolute, out var realm) || realm.Scheme is not ("https" or "http"))
            return (null, "the registry names no token server");
        return realm.Scheme == "http" && address.Scheme == "https" ? (null, $"its token server {realm.Authority} has no TLS") : (realm, "");
    }

    private async Task<string> TokenAsync(Uri address, AuthChallenge challenge, IRegistryAccess? access, CancellationToken cancellationToken)
    {
        var (realm, fault) = RealmOf(address, challenge);
        var wanted = challenge.Find("scope") is { Length: > 0 } asked ? asked : scope;
        if (access is not null && await access.FindTokenAsync(new(realm, challenge.Find("service"), wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries)), cancellationToken) is { Length: > 0 } obtained)
            return obtained;
        if (realm is null)
            throw RegistryErrors.Unauthorized(address, fault);
        var shown = await LoginAsync(access, cancellationToken);
        var login = Split(shown);
        var refresh = !string.IsNullOrEmpty(shown?.IdentityToken) ? shown.IdentityToken : login?.User == "<token>" ? login.Value.Password : null;
        using var request = refresh is null
            ? AccessRequest(realm, challenge.Find("service"), wanted, login is null ? null : Basic(shown))
            : RefreshRequest(realm, challenge.Find("service"), wanted, refresh);
        try
        {
            using var response = await http(realm).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var body = await Bounded.ReadAsync(response, LargestAnswer, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw RegistryErrors.Unauthorized(address, (int)response.StatusCode is 401 or 403 ? "unauthorized: incorrect username or password" : $"its token server {realm.Authority} answered {(int)response.StatusCode}");
            var token = JsonSerializer.Deserialize(body, DistributionJsonContext.Default.TokenResponse);
            return token?.Token is { Length: > 0 } t ? t : token?.AccessToken is { Length: > 0 } a ? a : throw RegistryErrors.Unauthorized(address, $"its token server {realm.Authority} gave no token");
        }
        catch (JsonException e)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the token server {realm.Authority} answered with something that is not JSON", cause: e);
        }
        catch (HttpRequestException e)
        {
            throw RegistryErrors.Unreachable(realm, e);
        }
    }

    private static HttpRequestMessage AccessRequest(Uri realm, string? service, string scope, AuthenticationHeaderValue? login)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        void Add(string name, string value) => query.Append(query.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        if (service is not null)
            Add("service", service);
        foreach (var one in scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Add("scope", one);
        if (login is not null)
            Add("account", Encoding.UTF8.GetString(Convert.FromBase64String(login.Parameter!)).Split(':')[0]);
        var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
        request.Headers.Authorization = login;
        return request;
    }

    private static HttpRequestMessage RefreshRequest(Uri realm, string? service, string scope, string refreshToken) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent([new("grant_type", "refresh_token"), new("client_id", "gantry"), new("service", service ?? ""), new("scope", scope), new("refresh_token", refreshToken)]),
    };
}
