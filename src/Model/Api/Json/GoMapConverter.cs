using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gantry.Model.Api;

/// <summary>A map whose <c>null</c> values are read as empty ones, as Go reads them into a map of values. Written in the order of its keys, as Go does.</summary>
/// <remarks>Of equal keys the last one counts. Keys compare by their bytes.</remarks>
internal sealed class GoMapConverter<T>(Func<T> empty) : JsonConverter<IReadOnlyDictionary<string, T>>
{
    public override IReadOnlyDictionary<string, T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw GoConverters.Unexpected("an object", reader.TokenType);
        var element = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = reader.TokenType == JsonTokenType.Null ? empty() : GoConverters.ReadElement(ref reader, element, $".{key}") ?? empty();
        }
        return map;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, T> value, JsonSerializerOptions options)
    {
        var element = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        writer.WriteStartObject();
        foreach (var key in value.Keys.Order(StringComparer.Ordinal))
        {
            writer.WritePropertyName(key);
            if (value[key] is { } item)
                JsonSerializer.Serialize(writer, item, element);
            else
                writer.WriteNullValue();
        }
        writer.WriteEndObject();
    }
}
