using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.40 made the IPC namespace private by default.</summary>
/// <remarks>Mirrors moby v19.03: older clients expect that other containers can join it.</remarks>
internal static class V139To140
{
    public static void ShareIpc(JsonObject create) => RequestShims.DefaultOfHostConfig(create, "IpcMode", "shareable");
}
