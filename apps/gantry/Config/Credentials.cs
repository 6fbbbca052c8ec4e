using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Gantry.Cli.Config;

/// <summary>Finds a registry's credentials where <c>docker login</c> left them, as the value of X-Registry-Auth.</summary>
/// <remarks>Source: docker CLI reference "docker login"; docker-credential-helpers protocol: server on stdin, JSON on stdout.</remarks>
internal static class Credentials
{
    /// <summary>The key under which Docker Hub's credentials are kept.</summary>
    private const string DockerHub = "https://index.docker.io/v1/";

    /// <summary>The header's value for a registry; null: there are no credentials.</summary>
    /// <param name="config">The configuration file.</param>
    /// <param name="domain">The registry, as in <c>docker.io</c>.</param>
    public static string? HeaderFor(ClientConfig config, string domain)
    {
        var server = domain is "docker.io" or "index.docker.io" ? DockerHub : domain;
        if (Helper(config, server, domain) is { } helper)
            return FromHelper(helper, server);
        if (config.Find("auths") is not { ValueKind: JsonValueKind.Object } auths)
            return null;
        foreach (var entry in auths.EnumerateObject())
        {
            if (entry.Name == server || HostOf(entry.Name) == domain)
                return FromEntry(entry.Value, server);
        }
        return null;
    }

    private static string? Helper(ClientConfig config, string server, string domain)
    {
        if (config.Find("credHelpers") is { ValueKind: JsonValueKind.Object } helpers)
        {
            foreach (var helper in helpers.EnumerateObject())
            {
                if ((helper.Name == server || helper.Name == domain) && helper.Value.GetString() is { Length: > 0 } name)
                    return name;
            }
        }
        return config.Text("credsStore") is { Length: > 0 } store ? store : null;
    }

    private static string? FromEntry(JsonElement entry, string server)
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
        return user.Length == 0 && token.Length == 0 ? null : Header(user, password, token, server);
    }

    private static string? FromHelper(string helper, string server)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("docker-credential-" + helper, "get") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null)
                return null;
            process.StandardInput.Write(server);
            process.StandardInput.Close();
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                return null;
            using var json = JsonDocument.Parse(said);
            var user = TextOf(json.RootElement, "Username");
            var secret = TextOf(json.RootElement, "Secret");
            return user == "<token>" ? Header("", "", secret, server) : Header(user, secret, "", server);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException or JsonException)
        {
            // A helper that is missing or broken means no credentials: a public image can still be pulled.
            return null;
        }
    }

    private static string Header(string user, string password, string token, string server)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (user.Length > 0)
                json.WriteString("username", user);
            if (password.Length > 0)
                json.WriteString("password", password);
            json.WriteString("serveraddress", server);
            if (token.Length > 0)
                json.WriteString("identitytoken", token);
            json.WriteEndObject();
        }
        return Convert.ToBase64String(buffer.WrittenSpan).Replace('+', '-').Replace('/', '_');
    }

    private static string HostOf(string server)
    {
        var rest = server.StartsWith("https://", StringComparison.Ordinal) ? server[8..] : server.StartsWith("http://", StringComparison.Ordinal) ? server[7..] : server;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? rest : rest[..slash];
    }

    private static string TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
