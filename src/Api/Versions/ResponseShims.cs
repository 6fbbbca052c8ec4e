using System.Text.Json.Nodes;
using Gantry.Model.Api;

namespace Gantry.Api.Versions;

/// <summary>Rewrites answers for older clients: each shim stands for one change of moby's API and is applied to versions below it, newest change first.</summary>
internal static class ResponseShims
{
    private static readonly (ApiVersion Below, Type Shape, Action<JsonObject> Apply)[] All =
    [
        (new(1, 52), typeof(EventMessage), V151To152.AddEventFields),
        (new(1, 52), typeof(ContainerInspectResponse), V151To152.AddNetworkSettings),
        (new(1, 52), typeof(ImageInspect), V151To152.AddImageFields),
        (new(1, 52), typeof(NetworkResource), V151To152.AddContainers),
        (new(1, 52), typeof(SystemDataUsageResponse), V151To152.ListUsage),
        (new(1, 50), typeof(ImageInspect), V149To150.FillConfig),
        (new(1, 50), typeof(SystemInfo), V149To150.AddBridgeFilter),
        (new(1, 46), typeof(ContainerSummary), V145To146.RemoveAnnotations),
        (new(1, 45), typeof(ImageInspect), V144To145.AddContainerFields),
        (new(1, 44), typeof(ImageInspect), V143To144.AddVirtualSize),
        (new(1, 44), typeof(ImageSummary), V143To144.AddVirtualSize),
        (new(1, 43), typeof(ImageSummary), V142To143.NameTheNameless),
        (new(1, 42), typeof(SystemInfo), V141To142.AddKernelMemory),
        (new(1, 41), typeof(SystemInfo), V140To141.AddClusterStore),
    ];

    /// <summary>What must be done to a shape, or a list of them, for a version; empty for the newest.</summary>
    public static IReadOnlyList<Action<JsonNode>> For(Type type, ApiVersion version)
    {
        if (version >= All[0].Below)
            return [];
        var element = Element(type);
        List<Action<JsonNode>> found = [];
        foreach (var shim in All)
        {
            if (version < shim.Below && shim.Shape == element)
                found.Add(element == type ? node => shim.Apply((JsonObject)node) : node => Each(node, shim.Apply));
        }
        return found;
    }

    private static Type Element(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : type;

    private static void Each(JsonNode node, Action<JsonObject> apply)
    {
        foreach (var item in node.AsArray())
            apply((JsonObject)item!);
    }
}
