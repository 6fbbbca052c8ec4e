using System.Text.Json;
using Gantry.Model.Oci;

namespace Gantry.Engine.Devices;

/// <summary>A device node of a CDI device.</summary>
/// <param name="Device">As it is to be in the container; without a type the host's node tells type and numbers.</param>
/// <param name="HostPath">The host's node.</param>
/// <param name="Access">Letters of rwm.</param>
public sealed record CdiNode(LinuxDevice Device, string HostPath, string Access)
{
    internal static CdiNode Read(JsonElement node)
    {
        var path = CdiEdits.Required(node, "path");
        var device = new LinuxDevice
        {
            Path = path,
            Type = Text("type") ?? "",
            Major = Number("major") ?? 0,
            Minor = Number("minor") ?? 0,
            FileMode = (uint?)Number("fileMode"),
            Uid = (uint?)Number("uid"),
            Gid = (uint?)Number("gid"),
        };
        return new CdiNode(device, Text("hostPath") ?? path, Text("permissions") ?? "rw");

        string? Text(string name) => node.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : null;
        long? Number(string name) => node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
    }
}
