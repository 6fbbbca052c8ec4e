using System.Text.Json;
using Gantry.Model.Oci;

namespace Gantry.Engine.Devices;

/// <summary>What a CDI device changes in a container.</summary>
/// <remarks>Source: CNCF Container Device Interface, SPEC.md: containerEdits.</remarks>
public sealed record CdiEdits
{
    /// <summary>Variables, as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Device nodes, with the path on the host where that is another, and the access.</summary>
    public IReadOnlyList<CdiNode> Nodes { get; init; } = [];

    public IReadOnlyList<RuntimeMount> Mounts { get; init; } = [];

    /// <summary>Hooks by the name of their kind, as in <c>createContainer</c>.</summary>
    public IReadOnlyList<(string Kind, RuntimeHook Hook)> Hooks { get; init; } = [];

    public IReadOnlyList<uint> AdditionalGids { get; init; } = [];

    /// <summary>Reads them.</summary>
    /// <exception cref="JsonException">They are not of the specification's shape.</exception>
    internal static CdiEdits Read(JsonElement edits) => new()
    {
        Environment = Texts(edits, "env"),
        Nodes = [.. Items(edits, "deviceNodes").Select(CdiNode.Read)],
        Mounts = [.. Items(edits, "mounts").Select(ReadMount)],
        Hooks = [.. Items(edits, "hooks").Select(ReadHook)],
        AdditionalGids = [.. Items(edits, "additionalGids").Select(gid => gid.GetUInt32())],
    };

    internal static string Required(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : throw new JsonException($"\"{name}\" is missing");

    private static RuntimeMount ReadMount(JsonElement mount) => new()
    {
        Source = Required(mount, "hostPath"),
        Destination = Required(mount, "containerPath"),
        Type = mount.TryGetProperty("type", out var type) ? type.GetString() : "bind",
        Options = Texts(mount, "options") is { Count: > 0 } options ? options : ["rbind", "rprivate"],
    };

    private static (string, RuntimeHook) ReadHook(JsonElement hook) => (
        Required(hook, "hookName"),
        new RuntimeHook
        {
            Path = Required(hook, "path"),
            Args = Texts(hook, "args") is { Count: > 0 } arguments ? arguments : null,
            Env = Texts(hook, "env") is { Count: > 0 } environment ? environment : null,
            Timeout = hook.TryGetProperty("timeout", out var timeout) ? timeout.GetInt32() : null,
        });

    private static List<string> Texts(JsonElement item, string name) => [.. Items(item, name).Select(text => text.GetString() ?? throw new JsonException($"\"{name}\" holds null"))];

    private static IEnumerable<JsonElement> Items(JsonElement item, string name) =>
        item.TryGetProperty(name, out var list) && list.ValueKind != JsonValueKind.Null ? list.EnumerateArray() : [];
}
