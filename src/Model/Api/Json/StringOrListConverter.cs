using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>A command line that may be one string (which is then its only word) or a list of words.</summary>
/// <remarks>Source: moby StrSlice (Cmd, Entrypoint, Shell). A string is not split and not given to a shell.</remarks>
public sealed class StringOrListConverter : JsonConverter<IReadOnlyList<string>>
{
    public override IReadOnlyList<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return [reader.GetString()!];
        if (reader.TokenType != JsonTokenType.StartArray)
            throw GoConverters.Unexpected("a list of strings", reader.TokenType);
        var words = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            words.Add(GoConverters.ReadText(ref reader));
        return words;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var word in value)
            writer.WriteStringValue(word);
        writer.WriteEndArray();
    }
}
