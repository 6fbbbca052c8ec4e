using System.Text.Json.Nodes;
using Gantry.Model;

namespace Gantry.Api.Versions;

/// <summary>API 1.52 dropped what had long been told twice.</summary>
/// <remarks>Mirrors moby v29: deprecated fields of events, of container and image inspection, of the network list and of disk usage removed.</remarks>
internal static class V151To152
{
    /// <summary><c>status</c>, <c>id</c> and <c>from</c> of container and image events.</summary>
    public static void AddEventFields(JsonObject message)
    {
        var type = (string?)message["Type"];
        if (type is not ("container" or "image"))
            return;
        message["status"] = (string?)message["Action"];
        if ((string?)message["Actor"]?["ID"] is { Length: > 0 } id)
            message["id"] = id;
        if (type == "container" && (string?)message["Actor"]?["Attributes"]?["image"] is { } image)
            message["from"] = image;
    }

    /// <summary>A create request: until it was dropped, the MAC address of the whole container was that of its main network.</summary>
    /// <exception cref="GantryException">Invalid: the network's own is another.</exception>
    /// <remarks>Source: moby daemon/server/router/container, handleMACAddressBC.</remarks>
    public static void MoveMacAddress(JsonObject create)
    {
        if (V143To144.MainEndpoint(create) is not var (mac, endpoint))
            return;
        if (V143To144.Member(endpoint, "MacAddress") is JsonValue value && value.TryGetValue<string>(out var own) && own.Length > 0 && own != mac)
            throw GantryException.Of(ErrorKind.Invalid, "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty");
        endpoint["MacAddress"] = mac;
    }

    /// <summary>A create request: docker-py's low-level client puts the runtime beside the HostConfig. No client of a newer version does.</summary>
    public static void MoveRuntime(JsonObject create)
    {
        if (V143To144.Member(create, "Runtime") is JsonValue value && value.TryGetValue<string>(out var runtime) && runtime.Length > 0)
            RequestShims.DefaultOfHostConfig(create, "Runtime", runtime);
    }

    /// <summary>The addresses on the default bridge, beside those of the network itself. Older clients look nowhere else.</summary>
    public static void AddNetworkSettings(JsonObject container)
    {
        container.TryAdd("GraphDriver", null);
        if (container["Config"] is JsonObject config)
            config.TryAdd("OnBuild", null);
        if (container["NetworkSettings"] is not JsonObject settings)
            return;
        var bridge = settings["Networks"]?["bridge"] as JsonObject;
        settings["Bridge"] = "";
        settings["HairpinMode"] = false;
        settings["LinkLocalIPv6Address"] = "";
        settings["LinkLocalIPv6PrefixLen"] = 0;
        settings["SecondaryIPAddresses"] = null;
        settings["SecondaryIPv6Addresses"] = null;
        foreach (var name in (ReadOnlySpan<string>)["EndpointID", "Gateway", "GlobalIPv6Address", "IPAddress", "IPv6Gateway", "MacAddress"])
            settings[name] = bridge?[name]?.DeepClone() ?? "";
        foreach (var name in (ReadOnlySpan<string>)["GlobalIPv6PrefixLen", "IPPrefixLen"])
            settings[name] = bridge?[name]?.DeepClone() ?? 0;
    }

    public static void AddImageFields(JsonObject image)
    {
        image.TryAdd("Author", "");
        image.TryAdd("Comment", "");
        image.TryAdd("Parent", "");
        image.TryAdd("DockerVersion", "");
        image.TryAdd("GraphDriver", new JsonObject { ["Data"] = null, ["Name"] = "overlay2" });
        if (image["Config"] is not JsonObject config)
            return;
        foreach (var name in (ReadOnlySpan<string>)["Cmd", "Entrypoint", "Env", "Labels", "OnBuild", "Volumes"])
            config.TryAdd(name, null);
        config.TryAdd("User", "");
        config.TryAdd("WorkingDir", "");
    }

    /// <summary>Whether disk usage lists every thing unasked.</summary>
    public static bool TellsAllUsage(ApiVersion version) => version < new ApiVersion(1, 52);

    /// <summary>Disk usage was a list of each kind, and the size of all layers.</summary>
    public static void ListUsage(JsonObject usage)
    {
        foreach (var (summary, list) in (ReadOnlySpan<(string, string)>)[("ImageUsage", "Images"), ("ContainerUsage", "Containers"), ("VolumeUsage", "Volumes"), ("BuildCacheUsage", "BuildCache")])
        {
            var kind = usage[summary] as JsonObject;
            if (list == "Images")
                usage["LayersSize"] = kind?["TotalSize"]?.DeepClone() ?? 0;
            usage[list] = kind is null ? null : kind["Items"]?.DeepClone() ?? new JsonArray();
            usage.Remove(summary);
            // Only the list of images told no names as an empty list.
            foreach (var image in list == "Images" && usage[list] is JsonArray images ? images.OfType<JsonObject>() : [])
            {
                foreach (var name in (ReadOnlySpan<string>)["RepoTags", "RepoDigests"])
                {
                    if (image[name] is JsonArray { Count: 0 })
                        image[name] = null;
                }
            }
        }
    }

    /// <summary>The network list told an empty set of containers.</summary>
    public static void AddContainers(JsonObject network) => network.TryAdd("Containers", new JsonObject());
}
