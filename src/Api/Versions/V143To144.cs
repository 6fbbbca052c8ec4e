using System.Text.Json.Nodes;
using Gantry.Model;

namespace Gantry.Api.Versions;

/// <summary>API 1.44 dropped an image's second size, and moved a container's MAC address to its network.</summary>
/// <remarks>Mirrors moby v25: VirtualSize; Config.MacAddress; HealthConfig.StartInterval and recursive read-only mounts, which older clients cannot mean.</remarks>
internal static class V143To144
{
    public static void AddVirtualSize(JsonObject image) => image["VirtualSize"] = image["Size"]?.DeepClone() ?? 0;

    /// <summary>A create request: the MAC address goes to the endpoint on the network of the network mode.</summary>
    /// <exception cref="GantryException">Invalid: there is no such endpoint.</exception>
    public static void MoveMacAddress(JsonObject create)
    {
        if (MainEndpoint(create) is var (mac, endpoint))
            endpoint["MacAddress"] = mac;
        else if (MacAddress(create) is not null)
            throw GantryException.Of(ErrorKind.Invalid, "conflicting options: mac-address and the network mode"); // Source: moby daemon/server/router/container handleMACAddressBC
    }

    /// <summary>The MAC address of a create request for the whole container, and its endpoint on the network of the network mode; null without either.</summary>
    internal static (string Mac, JsonObject Endpoint)? MainEndpoint(JsonObject create)
    {
        if (MacAddress(create) is not { } mac)
            return null;
        var mode = (Member(create, "HostConfig") as JsonObject) is { } host && Member(host, "NetworkMode") is JsonValue given && given.TryGetValue<string>(out var text) ? text : "";
        if (mode is "" or "default")
            mode = "bridge";
        if (mode is "host" or "none" || mode.StartsWith("container:", StringComparison.Ordinal))
            return null;
        var networking = Object(create, "NetworkingConfig");
        return (mac, Object(Object(networking, "EndpointsConfig"), mode));
    }

    private static string? MacAddress(JsonObject create) =>
        Member(create, "MacAddress") is JsonValue value && value.TryGetValue<string>(out var mac) && mac.Length > 0 ? mac : null;

    /// <summary>A create request: read-only mounts are not recursive for clients that do not know the difference.</summary>
    public static void KeepSubmountsWritable(JsonObject create)
    {
        if (Member(create, "Healthcheck") is JsonObject health)
            health.Remove("StartInterval");
        if ((Member(create, "HostConfig") as JsonObject) is not { } host || Member(host, "Mounts") is not JsonArray mounts)
            return;
        foreach (var mount in mounts.OfType<JsonObject>())
        {
            // A writable mount has no such choice to make: giving one is an error.
            if (Member(mount, "Type") is JsonValue type && type.TryGetValue<string>(out var name) && name == "bind"
                && Member(mount, "ReadOnly") is JsonValue readOnly && readOnly.TryGetValue<bool>(out var isReadOnly) && isReadOnly)
                Object(mount, "BindOptions")["ReadOnlyNonRecursive"] = true;
        }
    }

    /// <summary>A member of an object, whatever the case of its name.</summary>
    internal static JsonNode? Member(JsonObject owner, string name)
    {
        foreach (var (key, value) in owner)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        return null;
    }

    private static JsonObject Object(JsonObject owner, string name)
    {
        if (Member(owner, name) is JsonObject found)
            return found;
        var made = new JsonObject();
        foreach (var key in owner.Select(static p => p.Key).Where(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList())
            owner.Remove(key);
        owner[name] = made;
        return made;
    }
}
