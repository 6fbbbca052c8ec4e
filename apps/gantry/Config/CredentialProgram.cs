using System.Diagnostics;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Cli.Config;

/// <summary>A program <c>docker-credential-NAME</c>, which keeps credentials where the user wants them kept.</summary>
/// <remarks>Source: docker-credential-helpers protocol: a verb as argument, a server or JSON on standard input, the answer on standard output.</remarks>
internal sealed class CredentialProgram(string name)
{
    /// <summary>The helper that the configuration names for a server; null: none, so the file keeps them.</summary>
    public static CredentialProgram? Of(ClientConfig config, params ReadOnlySpan<string> servers)
    {
        if (config.Find("credHelpers") is { ValueKind: JsonValueKind.Object } helpers)
        {
            foreach (var helper in helpers.EnumerateObject())
            {
                if (servers.Contains(helper.Name) && helper.Value.GetString() is { Length: > 0 } own)
                    return new(own);
            }
        }
        return config.Text("credsStore") is { Length: > 0 } store ? new(store) : null;
    }

    /// <summary>A server's user and secret; null: it has none, or the helper is missing or broken.</summary>
    public (string User, string Secret)? Find(string server)
    {
        try
        {
            if (Run("get", server) is not (0, var said))
                return null;
            using var json = JsonDocument.Parse(said);
            var user = json.RootElement.GetProperty("Username").GetString();
            var secret = json.RootElement.GetProperty("Secret").GetString();
            return user is null || secret is null ? null : (user, secret);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Keeps a server's user and secret.</summary>
    /// <exception cref="GantryException">Unavailable: the helper is missing, or does not keep them.</exception>
    public void Store(string server, string user, string secret)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("ServerURL", server);
            json.WriteString("Username", user);
            json.WriteString("Secret", secret);
            json.WriteEndObject();
        }
        Require("store", "storing", System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>Forgets a server's user and secret.</summary>
    /// <exception cref="GantryException">Unavailable: the helper is missing, or does not forget them.</exception>
    public void Erase(string server) => Require("erase", "erasing", server);

    private void Require(string verb, string doing, string input)
    {
        try
        {
            if (Run(verb, input) is var (code, said) && code != 0)
                throw GantryException.Of(ErrorKind.Unavailable, $"error {doing} credentials - err: exit status {code}, out: `{said.Trim()}`");
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"error {doing} credentials: docker-credential-{name} cannot be run: {e.Message}; install it, or take credsStore and credHelpers out of config.json", cause: e);
        }
    }

    private (int Code, string Output) Run(string verb, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("docker-credential-" + name, verb) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { }; // read, so that it never fills up
        process.BeginErrorReadLine();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
