using System.Text;
using System.Text.Json.Nodes;
using Gantry.Model;

namespace Gantry.Cli.Config;

/// <summary>Keeps and forgets registries' credentials: in the helper that the configuration names, else in the file itself.</summary>
/// <remarks>Source: docker 28.2.2's own file and calls, compared by tests.</remarks>
internal sealed class CredentialStore(ClientConfig config)
{
    /// <summary>Docker Hub's name as a key.</summary>
    public const string DockerHub = "https://index.docker.io/v1/";

    /// <summary>The key of a server as somebody types it: without scheme and path; nothing is Docker Hub.</summary>
    public static string KeyOf(string? typed)
    {
        if (typed is null or "" or "docker.io" or "index.docker.io" or DockerHub)
            return DockerHub;
        var scheme = typed.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? typed : typed[(scheme + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? rest : rest[..slash];
    }

    /// <summary>Keeps them.</summary>
    /// <param name="server">Its key.</param>
    /// <param name="user">The user.</param>
    /// <param name="password">The password; empty when there is a token.</param>
    /// <param name="token">The registry's token in place of a password; null: none.</param>
    /// <returns>The file into which they were newly written as they are; null: nothing is readable there.</returns>
    /// <exception cref="GantryException">They cannot be kept.</exception>
    public string? Store(string server, string user, string password, string? token)
    {
        var helper = CredentialProgram.Of(config, server);
        if (helper is not null)
            helper.Store(server, token is null ? user : "<token>", token ?? password);
        var written = false;
        ConfigFile.Change(config.Directory, root =>
        {
            var auths = root["auths"] as JsonObject ?? [];
            var entry = helper is null ? Entry(user, password, token) : [];
            if (auths.TryGetPropertyValue(server, out var known) && JsonNode.DeepEquals(known, entry))
                return false;
            written = helper is null;
            auths[server] = entry;
            root["auths"] = Sorted(auths);
            return true;
        });
        return written ? Path.Combine(config.Directory, "config.json") : null;
    }

    /// <summary>Forgets them, under every name that older clients gave the server. Nothing to forget is no error.</summary>
    /// <exception cref="GantryException">They cannot be forgotten.</exception>
    public void Erase(string server)
    {
        string[] names = server == DockerHub ? [server] : [server, "http://" + server, "https://" + server];
        if (CredentialProgram.Of(config, server) is { } helper)
        {
            foreach (var name in names)
                helper.Erase(name);
        }
        ConfigFile.Change(config.Directory, root =>
        {
            if (root["auths"] is not JsonObject auths)
                return false;
            var removed = false;
            foreach (var name in names)
                removed |= auths.Remove(name);
            return removed;
        });
    }

    // By name, as Docker leaves them.
    private static JsonObject Sorted(JsonObject auths)
    {
        var sorted = new JsonObject();
        foreach (var (name, entry) in auths.OrderBy(static entry => entry.Key, StringComparer.Ordinal).ToList())
        {
            auths.Remove(name);
            sorted[name] = entry;
        }
        return sorted;
    }

    private static JsonObject Entry(string user, string password, string? token)
    {
        var entry = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")) };
        if (token is not null)
            entry["identitytoken"] = token;
        return entry;
    }
}
