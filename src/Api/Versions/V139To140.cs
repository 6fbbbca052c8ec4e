using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.40 made the IPC namespace private by default, and the limit of processes one that can be updated.</summary>
/// <remarks>Mirrors moby v19.03: older clients expect that other containers can join it, and send zero for a limit that they do not know.</remarks>
internal static class V139To140
{
    public static void ShareIpc(JsonObject create) => RequestShims.DefaultOfHostConfig(create, "IpcMode", "shareable");

    /// <summary>An update, whose body is a host configuration.</summary>
    public static void KeepPidsLimit(JsonObject update)
    {
        foreach (var key in update.Select(static p => p.Key).Where(static k => k.Equals("PidsLimit", StringComparison.OrdinalIgnoreCase)).ToList())
            update.Remove(key);
    }
}
