using System.Text.Json.Nodes;

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
        message["id"] = (string?)message["Actor"]?["ID"];
        if (type == "container" && (string?)message["Actor"]?["Attributes"]?["image"] is { } image)
            message["from"] = image;
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
        }
    }

    /// <summary>The network list told an empty set of containers.</summary>
    public static void AddContainers(JsonObject network) => network.TryAdd("Containers", new JsonObject());
}
