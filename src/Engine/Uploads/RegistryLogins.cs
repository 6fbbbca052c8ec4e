using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Uploads;

/// <summary>The logins that a client sent along, by registry.</summary>
/// <remarks>Source: Engine API, X-Registry-Config: the keys are hosts, or what older clients made of them (<c>https://index.docker.io/v1/</c>).</remarks>
public sealed class RegistryLogins
{
    private readonly Dictionary<string, RegistryLogin> _logins = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes over a client's logins.</summary>
    public RegistryLogins(IReadOnlyDictionary<string, AuthConfig>? configs)
    {
        foreach (var (server, config) in configs ?? new Dictionary<string, AuthConfig>())
        {
            if (config.IdentityToken is { Length: > 0 } token)
                _logins[KeyOf(server)] = new() { Username = "", Secret = token };
            else if (config is { Username.Length: > 0 } or { Password.Length: > 0 })
                _logins[KeyOf(server)] = new() { Username = config.Username ?? "", Secret = config.Password ?? "" };
        }
    }

    /// <summary>Nobody's.</summary>
    public static RegistryLogins None { get; } = new(null);

    /// <summary>The login for a host; null: there is none.</summary>
    public RegistryLogin? Find(string host) => _logins.GetValueOrDefault(KeyOf(host));

    private static string KeyOf(string server)
    {
        var scheme = server.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? server : server[(scheme + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? rest : rest[..slash];
        return host is "index.docker.io" or "registry-1.docker.io" ? ImageReference.DefaultDomain : host;
    }
}
