using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gantry.Model.Api;

/// <summary>Joins and parts the embedded configuration of <see cref="ContainerCreateRequest"/>.</summary>
/// <remarks>A body without a single member besides <c>HostConfig</c> and <c>NetworkingConfig</c> has no configuration: <c>Config</c> is null, as in moby.</remarks>
internal sealed class ContainerCreateRequestConverter : JsonConverter<ContainerCreateRequest>
{
    public override ContainerCreateRequest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw GoConverters.Unexpected("an object", reader.TokenType);
        // The same object is read twice: unknown members are ignored by each reading.
        var again = reader;
        var hasConfig = false;
        HostConfig? hostConfig = null;
        NetworkingConfig? networkingConfig = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name.Equals("HostConfig", StringComparison.OrdinalIgnoreCase))
                hostConfig = Member<HostConfig>(ref reader, name, options);
            else if (name.Equals("NetworkingConfig", StringComparison.OrdinalIgnoreCase))
                networkingConfig = Member<NetworkingConfig>(ref reader, name, options);
            else
            {
                hasConfig = true;
                reader.Skip();
            }
        }
        var config = hasConfig ? JsonSerializer.Deserialize(ref again, (JsonTypeInfo<ContainerConfig>)options.GetTypeInfo(typeof(ContainerConfig))) : null;
        return new ContainerCreateRequest { Config = config, HostConfig = hostConfig, NetworkingConfig = networkingConfig };
    }

    public override void Write(Utf8JsonWriter writer, ContainerCreateRequest value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        var config = JsonSerializer.SerializeToNode(value.Config ?? new ContainerConfig(), (JsonTypeInfo<ContainerConfig>)options.GetTypeInfo(typeof(ContainerConfig)));
        foreach (var (name, node) in (JsonObject)config!)
        {
            writer.WritePropertyName(name);
            if (node is null)
                writer.WriteNullValue();
            else
                node.WriteTo(writer, options);
        }
        Member(writer, "HostConfig", value.HostConfig, options);
        Member(writer, "NetworkingConfig", value.NetworkingConfig, options);
        writer.WriteEndObject();
    }

    private static T? Member<T>(ref Utf8JsonReader reader, string name, JsonSerializerOptions options)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
        }
        catch (JsonException exception) when (exception.Path is { } path)
        {
            throw new JsonException(exception.Message, $"$.{name}{path.AsSpan(1)}", exception.LineNumber, exception.BytePositionInLine, exception);
        }
    }

    private static void Member<T>(Utf8JsonWriter writer, string name, T? value, JsonSerializerOptions options)
        where T : class
    {
        writer.WritePropertyName(name);
        if (value is null)
            writer.WriteNullValue();
        else
            JsonSerializer.Serialize(writer, value, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
    }
}
