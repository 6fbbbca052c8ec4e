using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gantry.Model.Api;

namespace Gantry.Tests.Unit.Compat;

/// <summary>A shape of the OpenAPI file beside the type that stands for it here.</summary>
internal static class WireShape
{
    /// <summary>Whether the engine's own reader and writer carry a field: an object that has nothing but it comes out as it went in.</summary>
    public static bool Carries(EngineApi api, Type type, string field, string fieldType)
    {
        var sample = new JsonObject { [field] = Sample(api, fieldType, 0) };
        try
        {
            var info = ApiJson.Options.GetTypeInfo(type);
            var written = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(sample.ToJsonString(), info), info)!;
            return Contains(written[field], sample[field]);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The members of a type that hold a field; those of an embedded shape included. Null when it has none.</summary>
    public static PropertyInfo? Member(Type type, string field)
    {
        var member = Properties(type).FirstOrDefault(p => NameOf(p) == field);
        return member ?? (type == typeof(ContainerCreateRequest) ? Member(typeof(ContainerConfig), field) : null);
    }

    /// <summary>Follows lists and maps to the type within, as <see cref="EngineApi.ElementOf"/> does for the file's types.</summary>
    public static Type ElementOf(Type type)
    {
        while (true)
        {
            if (Nullable.GetUnderlyingType(type) is { } plain)
                type = plain;
            else if (type.IsArray)
                type = type.GetElementType()!;
            else if (type is { IsGenericType: true } && type != typeof(string) && type.GetGenericArguments() is [.., var last])
                type = last;
            else
                return type;
        }
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static string NameOf(PropertyInfo property) => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? property.Name;

    private static JsonNode? Sample(EngineApi api, string type, int depth)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
            return new JsonArray(Sample(api, type[2..], depth));
        if (type.StartsWith("{}", StringComparison.Ordinal))
            return new JsonObject { ["key"] = Sample(api, type[2..], depth) };
        return type switch
        {
            "string" => "text",
            "integer" or "number" => 7,
            "boolean" => true,
            // Of a shape within, one field that is a plain value tells that it is carried; its own row tells about the others.
            _ when api.Shapes.TryGetValue(type, out var fields) && fields.FirstOrDefault(static f => f.Value is "string" or "integer" or "boolean") is { Key: { } name } plain =>
                new JsonObject { [name] = Sample(api, plain.Value, depth + 1) },
            _ => new JsonObject(),
        };
    }

    private static bool Contains(JsonNode? whole, JsonNode? part) => (whole, part) switch
    {
        (JsonObject w, JsonObject p) => p.All(member => Contains(w[member.Key], member.Value)),
        (JsonArray w, JsonArray p) => w.Count == p.Count && w.Zip(p).All(static pair => Contains(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(whole, part),
    };
}
