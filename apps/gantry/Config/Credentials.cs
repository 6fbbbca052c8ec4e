using System.Text;
using System.Text.Json;
using Gantry.Client;

namespace Gantry.Cli.Config;

/// <summary>Finds a registry's credentials where <c>login</c> left them, as the value of X-Registry-Auth.</summary>
/// <remarks>Source: docker CLI reference "docker login".</remarks>
internal static class Credentials
{
    /// <summary>The header's value for a registry; null: there are no credentials.</summary>
    /// <param name="config">The configuration file.</param>
    /// <param name="domain">The registry, as in <c>docker.io</c>.</param>
    public static string? HeaderFor(ClientConfig config, string domain)
    {
        var server = CredentialStore.KeyOf(domain);
        return Find(config, server, domain) is var (user, password, token) ? Header(user, password, token, server) : null;
    }

    /// <summary>A registry's credentials: a password or a token; null: there are none.</summary>
    /// <param name="config">The configuration file.</param>
    /// <param name="server">The registry's key, as <see cref="CredentialStore.KeyOf"/> gives it.</param>
    /// <param name="domain">Its name, when that is another.</param>
    public static (string User, string Password, string? Token)? Find(ClientConfig config, string server, string? domain = null)
    {
        if (CredentialProgram.Of(config, server, domain ?? server) is { } helper)
            return helper.Find(server) is not var (user, secret) ? null : user == "<token>" ? ("", "", secret) : (user, secret, null);
        if (config.Find("auths") is not { ValueKind: JsonValueKind.Object } auths)
            return null;
        foreach (var entry in auths.EnumerateObject())
        {
            if (entry.Name == server || CredentialStore.KeyOf(entry.Name) == server)
                return FromEntry(entry.Value);
        }
        return null;
    }

    private static (string User, string Password, string? Token)? FromEntry(JsonElement entry)
    {
        var user = TextOf(entry, "username");
        var password = TextOf(entry, "password");
        if (TextOf(entry, "auth") is { Length: > 0 } auth)
        {
            string pair;
            try
            {
                pair = Encoding.UTF8.GetString(Convert.FromBase64String(auth));
            }
            catch (FormatException)
            {
                return null;
            }
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                (user, password) = (pair[..colon], pair[(colon + 1)..].TrimEnd('\0'));
        }
        var token = TextOf(entry, "identitytoken");
        return user.Length == 0 && token.Length == 0 ? null : (user, password, token.Length > 0 ? token : null);
    }

    private static string Header(string user, string password, string? token, string server) =>
        Convert.ToBase64String(AuthBody.Encode(server, user, password, token).Span).Replace('+', '-').Replace('/', '_');

    private static string TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
