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
            if (!own.TryGetProperty(setting, out var value) || value.GetString() is not { Length: > 0 } text)
                continue;
            given.TryAdd(variable, text);
            given.TryAdd(variable.ToLowerInvariant(), text);
        }
    }
}
