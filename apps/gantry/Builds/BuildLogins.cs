using System.Buffers;
using System.Text.Json;
using Gantry.Cli.Config;

namespace Gantry.Cli.Builds;

/// <summary>The logins that a build may need, as X-Registry-Config: those of all registries that the configuration file knows.</summary>
internal static class BuildLogins
{
    /// <summary>The header's value; null: there are no logins.</summary>
    public static string? Header(ClientConfig config)
    {
        var servers = new HashSet<string>();
        foreach (var name in (string[])["auths", "credHelpers"])
        {
            if (config.Find(name) is { ValueKind: JsonValueKind.Object } entries)
                servers.UnionWith(entries.EnumerateObject().Select(static entry => entry.Name));
        }

        var body = new ArrayBufferWriter<byte>();
        var any = false;
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            foreach (var server in servers)
            {
                if (Credentials.Find(config, CredentialStore.KeyOf(server), server) is not var (user, password, token))
                    continue;
                any = true;
                json.WriteStartObject(server);
                json.WriteString("username", user);
                json.WriteString("password", password);
                if (token is not null)
                    json.WriteString("identitytoken", token);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return any ? Convert.ToBase64String(body.WrittenSpan).Replace('+', '-').Replace('/', '_') : null;
    }
}
