using Gantry.Cli.Flags;
using Gantry.Client;
using Gantry.Model;

namespace Gantry.Cli.Config;

/// <summary>
/// Where the engine is: <c>--host</c>, <c>--context</c>, <c>GANTRY_HOST</c>, <c>DOCKER_HOST</c>, <c>DOCKER_CONTEXT</c>, the
/// context in use, else Gantry's own socket.
/// </summary>
/// <param name="Address">Where it listens.</param>
/// <param name="IsDefault">Whether nobody said so: the only engine that is started when it does not answer.</param>
internal sealed record EngineLocation(EngineAddress Address, bool IsDefault)
{
    /// <summary>The socket of an engine started without flags.</summary>
    public const string DefaultHost = "unix:///run/gantry/gantry.sock";

    /// <summary>Reads flags, environment and configuration.</summary>
    /// <exception cref="GantryException">Invalid: an address that is none. NotFound: no such context.</exception>
    public static EngineLocation Of(FlagValues globals, ClientConfig config) =>
        ContextName(globals, config) is var context and not ContextStore.Default ? new(OfContext(context, config), false) : DefaultAddress(globals, config);

    /// <summary>The context that is in use: <see cref="ContextStore.Default"/> when an address is given, or nothing at all.</summary>
    public static string ContextName(FlagValues globals, ClientConfig config)
    {
        if (globals.List("host").Count > 0)
            return ContextStore.Default;
        if (globals.Text("context") is { Length: > 0 } flag)
            return flag;
        if (HostVariable() is not null)
            return ContextStore.Default;
        return FirstSet("DOCKER_CONTEXT") ?? (config.Text("currentContext") is { Length: > 0 } used ? used : ContextStore.Default);
    }

    /// <summary>The address without a context: flags, environment, Gantry's own socket.</summary>
    /// <exception cref="GantryException">Invalid: an address that is none.</exception>
    public static EngineLocation DefaultAddress(FlagValues globals, ClientConfig config)
    {
        var hosts = globals.List("host");
        if (hosts.Count > 1)
            throw GantryException.Of(ErrorKind.Invalid, "Specify only one -H");
        var host = hosts.Count == 1 ? hosts[0] : FirstSet("GANTRY_HOST", "DOCKER_HOST");
        var tls = Tls(globals, config.Directory);
        return string.IsNullOrEmpty(host)
            ? new(EngineAddress.Parse(DefaultHost), true)
            : new(EngineAddress.Parse(host, tls), false);
    }

    /// <summary>The environment variable that names an address; null: none does.</summary>
    public static string? HostVariable() => Array.Find(["GANTRY_HOST", "DOCKER_HOST"], static name => FirstSet(name) is not null);

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

    private static EngineAddress OfContext(string name, ClientConfig config)
    {
        var store = new ContextStore(config);
        var context = store.Get(name);
        if (context.Host.Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, $"context \"{name}\" names no Docker endpoint: see {store.MetadataPath(name)}/meta.json");
        if (store.TlsFiles(name).Count == 0)
            return EngineAddress.Parse(context.Host, context.SkipTlsVerify ? new TlsOptions { Verify = false } : null);
        var tls = Path.Combine(store.TlsPath(name), "docker");
        return EngineAddress.Parse(context.Host, new()
        {
            Verify = !context.SkipTlsVerify,
            AuthorityFile = Path.Combine(tls, "ca.pem"),
            CertificateFile = Path.Combine(tls, "cert.pem"),
            KeyFile = Path.Combine(tls, "key.pem"),
        });
    }

    private static string? Given(FlagValues globals, string name) => globals.Text(name) is { Length: > 0 } value ? value : null;
}
