using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.50 dropped from an image's configuration what only containers have, and bridge-nf-call from info.</summary>
/// <remarks>Mirrors moby v28.2: image Config with the fields of a container's, always at their zero; BridgeNfIptables.</remarks>
internal static class V149To150
{
    public static void FillConfig(JsonObject image)
    {
        if (image["Config"] is not JsonObject config)
            return;
        foreach (var name in (ReadOnlySpan<string>)["AttachStderr", "AttachStdin", "AttachStdout", "OpenStdin", "StdinOnce", "Tty"])
            config.TryAdd(name, false);
        foreach (var name in (ReadOnlySpan<string>)["Domainname", "Hostname", "Image"])
            config.TryAdd(name, "");
    }

    public static void AddBridgeFilter(JsonObject info)
    {
        info.TryAdd("BridgeNfIptables", false);
        info.TryAdd("BridgeNfIp6tables", false);
    }
}
