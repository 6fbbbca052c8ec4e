using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gantry.Model.Api;

/// <summary>The converters of <see cref="ApiJson"/>: one per element type, written out because nothing may be found by reflection.</summary>
internal static class GoConverters
{
    public static IReadOnlyList<JsonConverter> All { get; } =
    [
        new GoScalarConverters.Text(),
        new GoScalarConverters.WholeNumber(),
        new GoScalarConverters.Flag(),
        new ContainerCreateRequestConverter(),
        new TextListConverter(),
        new GoMapConverter<string>(static () => string.Empty),
        new GoMapConverter<long>(static () => 0),
        new GoMapConverter<ContainerNetworkStats>(static () => new ContainerNetworkStats()),
        new GoMapConverter<EmptyObject>(static () => new EmptyObject()),
        new GoMapConverter<EndpointResource>(static () => new EndpointResource()),
        new GoMapConverter<EndpointSettings>(static () => new EndpointSettings()),
        new GoMapConverter<IndexInfo?>(static () => null),
        new GoMapConverter<RuntimeDescription?>(static () => null),
        new GoMapConverter<IReadOnlyList<PortBinding>?>(static () => null),
        new GoListConverter<IReadOnlyList<string>>(static () => []),
        Values<PortBinding>(),
        Values<ContainerBlkioStatEntry>(),
        Values<ContainerSummary>(),
        Values<DeviceInfo>(),
        Values<DeviceMapping>(),
        Values<DeviceRequest>(),
        Values<HealthcheckResult>(),
        Values<HostConfigBlkioWeightDevice>(),
        Values<HostConfigUlimits>(),
        Values<IPAMConfig>(),
        Values<ImageDeleteResponseItem>(),
        Values<ImageHistoryResponseItem>(),
        Values<ImageManifestSummary>(),
        Values<ImageSummary>(),
        Values<MountPoint>(),
        Values<MountSpec>(),
        Values<NetworkResource>(),
        Values<PortSummary>(),
        Values<SystemInfoDefaultAddressPools>(),
        Values<SystemVersionComponents>(),
        Values<ThrottleDevice>(),
        Values<VolumeResource>(),
    ];

    /// <summary>A token in words, for errors.</summary>
    public static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };

    /// <summary>A value of another kind than the one expected.</summary>
    public static JsonException Unexpected(string expected, JsonTokenType found) => new($"expected {expected}, found {Describe(found)}");

    /// <summary>Reads an element of a list or map. The path of what goes wrong in it is kept in the message, because the serializer knows only
    /// the way to the collection.</summary>
    public static T? ReadElement<T>(ref Utf8JsonReader reader, JsonTypeInfo<T> element, string step)
    {
        try
        {
            return JsonSerializer.Deserialize(ref reader, element);
        }
        catch (JsonException exception) when (exception.Path is { } path && !exception.Message.Contains(" LineNumber: ", StringComparison.Ordinal))
        {
            var way = step + path[1..];
            throw new JsonException(exception.Message is ['[' or '.', ..] ? way + exception.Message : $"{way}: {exception.Message}");
        }
    }

    /// <summary>Reads one string of a list; null counts as the empty string.</summary>
    public static string ReadText(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Null => string.Empty,
        var other => throw Unexpected("a string", other),
    };

    private static GoListConverter<T> Values<T>()
        where T : new() => new(static () => new T());

    private sealed class TextListConverter : JsonConverter<IReadOnlyList<string>>
    {
        public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
                throw Unexpected("a list of strings", reader.TokenType);
            var list = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                list.Add(ReadText(ref reader));
            return list;
        }

        public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (var text in value)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
    }
}
