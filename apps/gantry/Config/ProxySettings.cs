using System.Text.Json;

namespace Gantry.Cli.Config;

/// <summary>The proxies that the configuration file has for containers and builds (<c>proxies</c>), for an engine or for all.</summary>
/// <remarks>Source: docker/cli cli/config/configfile, ParseProxyConfig.</remarks>
internal static class ProxySettings
{
    private static readonly (string Variable, string Setting)[] s_known =
        [("HTTP_PROXY", "httpProxy"), ("HTTPS_PROXY", "httpsProxy"), ("NO_PROXY", "noProxy"), ("FTP_PROXY", "ftpProxy"), ("ALL_PROXY", "allProxy")];

    /// <summary>Adds the variables, in upper and in lower case, to those that are given: what is given stays.</summary>
    /// <param name="engine">The engine's address, as in <c>unix:///run/gantry/gantry.sock</c>.</param>
    public static void AddTo(IDictionary<string, string?> given, ClientConfig config, string engine)
    {
        if (config.Find("proxies") is not { ValueKind: JsonValueKind.Object } all
            || !(all.TryGetProperty(engine, out var own) || all.TryGetProperty("default", out own)) || own.ValueKind != JsonValueKind.Object)
            return;
        foreach (var (variable, setting) in s_known)
        {
            if (!own.TryGetProperty(setting, out var value) || value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
                continue;
            given.TryAdd(variable, text);
            given.TryAdd(variable.ToLowerInvariant(), text);
        }
    }

    /// <summary>A container's environment with the variables behind it that are not given.</summary>
    /// <param name="environment">All of it, as in <c>NAME=value</c>; null: none.</param>
    /// <param name="given">What of it was given one by one: what files say does not count, as with docker.</param>
    /// <param name="engine">As above.</param>
    public static IReadOnlyList<string>? Complete(IReadOnlyList<string>? environment, IReadOnlyList<string> given, ClientConfig config, string engine)
    {
        var proxies = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var variable in given)
            proxies[variable.Split('=', 2)[0]] = null;
        AddTo(proxies, config, engine);
        List<string> all = [.. environment ?? [], .. proxies.Where(static proxy => proxy.Value is not null).Select(static proxy => $"{proxy.Key}={proxy.Value}")];
        return all.Count > 0 ? all : null;
    }
}
