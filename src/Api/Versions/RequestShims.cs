using System.Text.Json;
using System.Text.Json.Nodes;
using Gantry.Model.Api;

namespace Gantry.Api.Versions;

/// <summary>Rewrites the requests of older clients into the newest shape, oldest change first.</summary>
internal static class RequestShims
{
    private static readonly (ApiVersion Below, Type Shape, Action<JsonObject> Apply)[] All =
    [
        (new(1, 40), typeof(ContainerCreateRequest), V139To140.ShareIpc),
        (new(1, 40), typeof(HostConfig), V139To140.KeepPidsLimit),
        (new(1, 41), typeof(ContainerCreateRequest), V140To141.UseHostCgroups),
        (new(1, 44), typeof(ContainerCreateRequest), V143To144.MoveMacAddress),
        (new(1, 44), typeof(ContainerCreateRequest), V143To144.KeepSubmountsWritable),
        (new(1, 52), typeof(ContainerCreateRequest), V151To152.MoveMacAddress),
        (new(1, 52), typeof(ContainerCreateRequest), V151To152.MoveRuntime),
    ];

    /// <summary>The body as a client of the newest version would have sent it. What is no JSON object is left to the reader, which explains it.</summary>
    public static ReadOnlyMemory<byte> Apply<T>(ReadOnlyMemory<byte> body, ApiVersion version)
    {
        JsonObject? root = null;
        foreach (var shim in All)
        {
            if (version >= shim.Below || shim.Shape != typeof(T))
                continue;
            root ??= Parse(body);
            if (root is null)
                return body;
            try
            {
                shim.Apply(root);
            }
            catch (ArgumentException)
            {
                // A member is given twice, which the tree cannot hold: the reader takes the last one.
                return body;
            }
        }
        return root is null ? body : JsonSerializer.SerializeToUtf8Bytes<JsonNode>(root, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonNode>)ApiJson.Options.GetTypeInfo(typeof(JsonNode)));
    }

    private static JsonObject? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Sets a member of the HostConfig where the client left it empty.</summary>
    public static void DefaultOfHostConfig(JsonObject create, string name, string value)
    {
        var key = create.Select(static p => p.Key).LastOrDefault(static k => k.Equals("HostConfig", StringComparison.OrdinalIgnoreCase));
        if (key is null || create[key] is not JsonObject host)
            create["HostConfig"] = host = new JsonObject();
        var member = host.Select(static p => p.Key).LastOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (member is null || host[member] is null || (host[member] is JsonValue given && given.TryGetValue<string>(out var text) && text.Length == 0))
            host[member ?? name] = value;
    }
}
