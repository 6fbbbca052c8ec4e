using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.45 dropped the container from which an image had been committed.</summary>
/// <remarks>Mirrors moby v26: Container and ContainerConfig of an image's inspection.</remarks>
internal static class V144To145
{
    public static void AddContainerFields(JsonObject image)
    {
        image.TryAdd("Container", "");
        image.TryAdd("ContainerConfig", image["Config"]?.DeepClone());
    }
}
