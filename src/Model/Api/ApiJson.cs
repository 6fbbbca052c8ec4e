using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Gantry.Model.Api;

/// <summary>Reads and writes the wire shapes of the Engine API as moby does: names compared without case, unknown members ignored,
/// nil lists and maps written as <c>null</c>, plain values as zero, and members marked <c>omitempty</c> in moby left out.</summary>
/// <remarks>Works without reflection. Input may be hostile: the depth is limited to 64, null elements of lists and maps become empty values
/// (as Go reads them), so that consumers need not check for them. Size limits are the transport's matter.</remarks>
public static class ApiJson
{
    /// <summary>The options for everything on the wire. Not to be changed.</summary>
    public static JsonSerializerOptions Options { get; } = Create(indented: false);

    /// <summary>The same, written with two spaces of indentation (for people).</summary>
    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    /// <summary>The metadata of one shape.</summary>
    /// <exception cref="NotSupportedException">The type is not listed in <c>ApiJsonContext</c>.</exception>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    /// <exception cref="JsonException">Not JSON, or a member of the wrong type; <c>Path</c> and the position say where.</exception>
    public static T? Read<T>(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, Of<T>());

    /// <exception cref="JsonException">Not JSON, or a member of the wrong type; <c>Path</c> and the position say where.</exception>
    public static T? Read<T>(string json) => JsonSerializer.Deserialize(json, Of<T>());

    /// <exception cref="JsonException">Not JSON, or a member of the wrong type; <c>Path</c> and the position say where.</exception>
    public static ValueTask<T?> ReadAsync<T>(Stream stream, CancellationToken cancellationToken) =>
        JsonSerializer.DeserializeAsync(stream, Of<T>(), cancellationToken);

    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Of<T>());

    public static string WriteText<T>(T value) => JsonSerializer.Serialize(value, Of<T>());

    public static string WriteIndented<T>(T value) => JsonSerializer.Serialize(value, (JsonTypeInfo<T>)Indented.GetTypeInfo(typeof(T)));

    public static void Write<T>(IBufferWriter<byte> writer, T value)
    {
        using var json = new Utf8JsonWriter(writer, new JsonWriterOptions { Encoder = Options.Encoder, SkipValidation = true });
        JsonSerializer.Serialize(json, value, Of<T>());
    }

    /// <summary>The shape as a tree that can be changed (the API's version shims).</summary>
    public static JsonNode? ToNode<T>(T value) => JsonSerializer.SerializeToNode(value, Of<T>());

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(ApiJsonContext.Default.Options)
        {
            // Go writes text as it is, apart from what must be escaped; the default encoder of .NET would escape all of Unicode.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            WriteIndented = indented,
            TypeInfoResolver = ((IJsonTypeInfoResolver)ApiJsonContext.Default).WithAddedModifier(GoMembers.Apply),
        };
        foreach (var converter in GoConverters.All)
            options.Converters.Add(converter);
        options.MakeReadOnly();
        return options;
    }
}
