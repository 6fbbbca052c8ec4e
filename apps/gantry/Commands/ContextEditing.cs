using Gantry.Cli.Config;
using Gantry.Cli.Flags;
using Gantry.Client;
using Gantry.Model;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry context create</c> and <c>gantry context update</c>.</summary>
internal static partial class ContextEditing
{
    public static readonly CommandSpec Create = new()
    {
        Name = "create",
        Usage = "[OPTIONS] CONTEXT",
        Summary = "Create a context",
        Arity = Arity.Exactly(1),
        Flags = static () =>
        [
            new("description", FlagKind.Text, "Description of the context"),
            new("docker", FlagKind.StringToString, "set the engine endpoint: host, ca, cert, key, skip-tls-verify, from (default [])"),
            new("from", FlagKind.Text, "create context from a named context"),
        ],
        Run = RunCreate,
    };

    public static readonly CommandSpec Update = new()
    {
        Name = "update",
        Usage = "[OPTIONS] CONTEXT",
        Summary = "Update a context",
        Arity = Arity.Exactly(1),
        Flags = static () =>
        [
            new("description", FlagKind.Text, "Description of the context"),
            new("docker", FlagKind.StringToString, "set the engine endpoint: host, ca, cert, key, skip-tls-verify, from (default [])"),
        ],
        Run = RunUpdate,
    };

    /// <summary>Refuses a name that no new context can have.</summary>
    internal static void CheckNew(ContextStore store, string name)
    {
        if (name == ContextStore.Default)
            throw GantryException.Of(ErrorKind.Invalid, "\"default\" is a reserved context name");
        if (!ValidName().IsMatch(name))
            throw GantryException.Of(ErrorKind.Invalid, $"context name \"{name}\" is invalid, names are validated against regexp \"{NamePattern}\"");
        if (store.Has(name))
            throw GantryException.Of(ErrorKind.AlreadyExists, $"context \"{name}\" already exists");
    }

    private static int RunCreate(Invocation invocation)
    {
        var name = invocation.Arguments[0];
        var store = new ContextStore(invocation.Context.Config);
        CheckNew(store, name);
        var flags = invocation.Flags;
        EngineContext context;
        IReadOnlyDictionary<string, byte[]>? certificates;
        if (flags.Changed("docker"))
        {
            (context, certificates) = Endpoint(invocation, new EngineContext(name, flags.Text("description"), "", false));
        }
        else
        {
            var from = flags.Text("from") is { Length: > 0 } given ? given : EngineLocation.ContextName(invocation.Context.Globals, invocation.Context.Config);
            var original = ContextCommands.Get(invocation, from);
            context = original with { Name = name, Description = flags.Changed("description") ? flags.Text("description") : original.Description };
            certificates = CertificatesOf(store, from);
        }
        store.Write(context, certificates);
        return Done(invocation, name, "created");
    }

    private static int RunUpdate(Invocation invocation)
    {
        var name = invocation.Arguments[0];
        var flags = invocation.Flags;
        var store = new ContextStore(invocation.Context.Config);
        if (name == ContextStore.Default)
            throw GantryException.Of(ErrorKind.Invalid, "\"default\" is a reserved context name");
        var context = store.Get(name);
        IReadOnlyDictionary<string, byte[]>? certificates = null;
        if (flags.Changed("description"))
            context = context with { Description = flags.Text("description") };
        if (flags.Changed("docker"))
            (context, certificates) = Endpoint(invocation, context);
        store.Write(context, certificates);
        return Done(invocation, name, "updated");
    }

    /// <summary>Names the context for programs, and says for people what became of it.</summary>
    internal static int Done(Invocation invocation, string name, string what)
    {
        invocation.Out.WriteLine(name);
        invocation.Out.Flush();
        invocation.Error.WriteLine($"Successfully {what} context \"{name}\"");
        return ExitCodes.Success;
    }

    /// <summary>The endpoint that <c>--docker</c> describes.</summary>
    private static (EngineContext Context, IReadOnlyDictionary<string, byte[]> Certificates) Endpoint(Invocation invocation, EngineContext context)
    {
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in invocation.Flags.List("docker").SelectMany(static value => value.Split(',')))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            wanted[pair[..equals]] = pair[(equals + 1)..];
        }
        if (wanted.Keys.FirstOrDefault(static key => key is not ("host" or "ca" or "cert" or "key" or "skip-tls-verify" or "from")) is { } unknown)
            throw GantryException.Of(ErrorKind.Invalid, $"unable to create docker endpoint config: unrecognized config key: {unknown}");
        var store = new ContextStore(invocation.Context.Config);
        if (wanted.TryGetValue("from", out var from))
        {
            var original = ContextCommands.Get(invocation, from);
            return (context with { Host = original.Host, SkipTlsVerify = original.SkipTlsVerify }, CertificatesOf(store, from));
        }
        var host = wanted.GetValueOrDefault("host", "");
        if (host.Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, "unable to create docker endpoint config: host is missing: write --docker host=unix:///run/gantry/gantry.sock");
        _ = EngineAddress.Parse(host);
        var certificates = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, file) in ((string, string)[])[("ca", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem")])
        {
            if (wanted.TryGetValue(key, out var path))
                certificates[file] = ReadPem(path);
        }
        if (certificates.TryGetValue("ca.pem", out var authority) && !HoldsCertificate(authority))
            throw GantryException.Of(ErrorKind.Invalid, "unable to create docker endpoint config: invalid docker endpoint options: failed to retrieve context tls info: ca.pem seems invalid");
        return (context with { Host = host, SkipTlsVerify = wanted.TryGetValue("skip-tls-verify", out var skip) && FlagCheck.Bool(skip) == "true" }, certificates);
    }

    private static byte[] ReadPem(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"unable to create docker endpoint config: open {path}: {missing.Message}", cause: missing);
        }
    }

    private static bool HoldsCertificate(byte[] pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(pem));
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }

    private static Dictionary<string, byte[]> CertificatesOf(ContextStore store, string name) =>
        store.TlsFiles(name).ToDictionary(static file => file, file => File.ReadAllBytes(Path.Combine(store.TlsPath(name), "docker", file)));

    private const string NamePattern = "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$";

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9_.+-]+\\z")]
    private static partial Regex ValidName();
}
