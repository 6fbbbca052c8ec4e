using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>
/// Turns JSON into values that templates know: text, whole numbers, truth values, lists, and objects. JSON does not say
/// whether an object was a struct or a map in Go, nor whether null was an empty list or a nil pointer; both are told
/// by the field's name, for the fields of the Engine API where Go would print something else.
/// </summary>
internal static class JsonValue
{
    private static readonly HashSet<string> Maps =
    [
        "Labels", "ExposedPorts", "Volumes", "PortBindings", "Ports", "Networks", "Options", "Sysctls", "Tmpfs", "Data", "DriverOpts",
        "Annotations", "StorageOpt", "Attributes", "Runtimes", "Details", "Metadata",
    ];

    /// <summary>Fields that are nil pointers when they are null, or left out when they are nil.</summary>
    private static readonly HashSet<string> Pointers =
        ["Init", "OomKillDisable", "PidsLimit", "MemorySwappiness", "Healthcheck", "StopTimeout", "IPAMConfig", "Health", "SizeRw", "SizeRootFs"];

    /// <summary>Fields that the API leaves out when they are empty: what Go shows then.</summary>
    private static readonly Dictionary<string, object?> LeftOut = new()
    {
        ["Healthcheck"] = null,
        ["StopTimeout"] = null,
        ["Init"] = null,
        ["SizeRw"] = null,
        ["SizeRootFs"] = null,
        ["StopSignal"] = "",
        ["Runtime"] = "",
        ["ExposedPorts"] = Empty.Map,
        ["Tmpfs"] = Empty.Map,
        ["Sysctls"] = Empty.Map,
        ["StorageOpt"] = Empty.Map,
        ["Annotations"] = Empty.Map,
        ["Mounts"] = Empty.List,
        ["Shell"] = Empty.List,
        ["MacAddress"] = "",
        ["NetworkDisabled"] = false,
        ["ArgsEscaped"] = false,
        ["Variant"] = "",
        ["ExecDriver"] = "",
    };

    // Go field names that differ from what is on the wire.
    private static readonly Dictionary<string, string> GoNames = new()
    {
        ["ID"] = "Id",
        ["HostIP"] = "HostIp",
        ["NanoCPUs"] = "NanoCpus",
        ["CPUShares"] = "CpuShares",
        ["CPUPeriod"] = "CpuPeriod",
        ["CPUQuota"] = "CpuQuota",
        ["CPURealtimePeriod"] = "CpuRealtimePeriod",
        ["CPURealtimeRuntime"] = "CpuRealtimeRuntime",
        ["CPUCount"] = "CpuCount",
        ["CPUPercent"] = "CpuPercent",
        ["DNS"] = "Dns",
        ["DNSOptions"] = "DnsOptions",
        ["DNSSearch"] = "DnsSearch",
        ["APIVersion"] = "ApiVersion",
        ["IOPS"] = "IOps",
        ["Message"] = "message",
        ["RepoTag"] = "RepoTags",
        ["ContainerdCommit"] = "ContainerdCommit",
    };

    /// <summary>The value of an element.</summary>
    /// <param name="element">The element.</param>
    /// <param name="name">The field that holds it; null: none.</param>
    public static object? Of(JsonElement element, string? name = null) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.GetDouble(),
        JsonValueKind.Array => new JsonList(element),
        JsonValueKind.Object => new JsonFields(element, name is not null && Maps.Contains(name)),
        _ => name is null || Pointers.Contains(name) ? null : Maps.Contains(name) ? Empty.Map : IsList(name) ? Empty.List : null,
    };

    /// <summary>The value of an object's field, by its name in JSON or in Go; false: there is none.</summary>
    public static bool TryField(JsonElement element, string name, out object? value)
    {
        if (element.TryGetProperty(name, out var found))
        {
            value = Of(found, name);
            return true;
        }

        if (GoNames.TryGetValue(name, out var wire) && element.TryGetProperty(wire, out found))
        {
            value = Of(found, wire);
            return true;
        }

        // A container's mount that is no volume.
        if (name is "Name" or "Driver" && element.TryGetProperty("Destination", out _) && element.TryGetProperty("RW", out _))
        {
            value = "";
            return true;
        }

        return LeftOut.TryGetValue(name, out value);
    }

    // In the Engine API a null whose name is a plural, or one of these, is a nil slice.
    private static bool IsList(string name) =>
        name.EndsWith('s') || name is "Env" or "Cmd" or "Entrypoint" or "OnBuild" or "Shell" or "CapAdd" or "CapDrop" or "Dns" or "DnsSearch" or "GroupAdd"
            or "SecurityOpt" or "VolumesFrom" or "ConsoleSize" or "Log" or "Test";
}
