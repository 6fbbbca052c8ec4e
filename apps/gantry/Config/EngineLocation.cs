using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Cli.Flags;
using Gantry.Client;
using Gantry.Model;

namespace Gantry.Cli.Config;

/// <summary>Where the engine is: <c>--host</c>, <c>--context</c>, <c>GANTRY_HOST</c>, <c>DOCKER_HOST</c>, else Gantry's own socket.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="IsDefault">Whether nobody said so: the only engine that is started when it does not answer.</param>
internal sealed record EngineLocation(EngineAddress Address, bool IsDefault)
{
    /// <summary>The socket of an engine started without flags.</summary>
    public const string DefaultHost = "unix:///run/gantry/gantry.sock";

    /// <summary>Reads flags, environment and configuration.</summary>
    /// <exception cref="GantryException">Invalid: an address that is none. NotFound: no such context.</exception>
    public static EngineLocation Of(FlagValues globals, ClientConfig config)
    {
        var hosts = globals.List("host");
        if (hosts.Count > 1)
            throw GantryException.Of(ErrorKind.Invalid, "Specify only one -H");
        if (hosts.Count == 0 && globals.Text("context") is { Length: > 0 } context and not "default")
            return new(OfContext(context, config.Directory), false);
        var host = hosts.Count == 1 ? hosts[0] : FirstSet("GANTRY_HOST", "DOCKER_HOST");
        var tls = Tls(globals, config.Directory);
        return string.IsNullOrEmpty(host)
            ? new(EngineAddress.Parse(DefaultHost), true)
            : new(EngineAddress.Parse(host, tls), false);
    }

    private static string? FirstSet(params string[] names)
    {
        foreach (var name in names)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                return value;
        }
        return null;
    }

    private static TlsOptions? Tls(FlagValues globals, string configDirectory)
    {
        var verify = globals.Changed("tlsverify") ? globals.Bool("tlsverify") : FirstSet("DOCKER_TLS_VERIFY") is not null;
        if (!verify && !globals.Bool("tls") && FirstSet("DOCKER_TLS") is null)
            return null;
        var directory = FirstSet("DOCKER_CERT_PATH") ?? configDirectory;
        return new()
        {
            Verify = verify,
            AuthorityFile = Given(globals, "tlscacert") ?? Path.Combine(directory, "ca.pem"),
            CertificateFile = Given(globals, "tlscert") ?? Path.Combine(directory, "cert.pem"),
            KeyFile = Given(globals, "tlskey") ?? Path.Combine(directory, "key.pem"),
        };
    }

    /// <summary>The engine of a context that <c>docker context create</c> made.</summary>
    private static EngineAddress OfContext(string name, string configDirectory)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        var path = Path.Combine(configDirectory, "contexts", "meta", id, "meta.json");
        if (!File.Exists(path))
            throw GantryException.Of(ErrorKind.NotFound, $"context \"{name}\": context not found: {path} does not exist: use -H to name the engine's address");
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        if (!json.RootElement.TryGetProperty("Endpoints", out var endpoints) || !endpoints.TryGetProperty("docker", out var docker)
            || !docker.TryGetProperty("Host", out var host) || host.GetString() is not { Length: > 0 } address)
            throw GantryException.Of(ErrorKind.Invalid, $"context \"{name}\" names no Docker endpoint: see {path}");
        var tls = Path.Combine(configDirectory, "contexts", "tls", id, "docker");
        return EngineAddress.Parse(address, System.IO.Directory.Exists(tls)
            ? new() { AuthorityFile = Path.Combine(tls, "ca.pem"), CertificateFile = Path.Combine(tls, "cert.pem"), KeyFile = Path.Combine(tls, "key.pem") }
            : null);
    }

    private static string? Given(FlagValues globals, string name) => globals.Text(name) is { Length: > 0 } value ? value : null;
}
