using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.46 tells the annotations of listed containers.</summary>
/// <remarks>Mirrors moby v27: HostConfig.Annotations of a list's entries.</remarks>
internal static class V145To146
{
    public static void RemoveAnnotations(JsonObject container) => (container["HostConfig"] as JsonObject)?.Remove("Annotations");
}
