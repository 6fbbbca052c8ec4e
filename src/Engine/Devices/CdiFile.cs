using System.Buffers;
using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gantry.Engine.Devices;

/// <summary>Reads a file of devices' specifications: JSON, or YAML as the vendors' tools write it.</summary>
/// <remarks>Source: CDI SPEC.md ("json or yaml"); the scalars' types are those of YAML 1.2, section 10.3, and of no other.</remarks>
internal static class CdiFile
{
    // Of any device list; and what keeps one that is made of references to itself within bounds.
    private const int LargestBytes = 16 << 20;
    private const int Deepest = 64;

    /// <summary>The endings of the files' names.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".json", ".yaml", ".yml"];

    /// <exception cref="JsonException">It is neither.</exception>
    public static JsonDocument Read(string path)
    {
        if (Path.GetExtension(path) == ".json")
            return JsonDocument.Parse(File.ReadAllBytes(path));
        var yaml = new YamlStream();
        try
        {
            using var text = File.OpenText(path);
            yaml.Load(text);
        }
        catch (YamlException error)
        {
            throw new JsonException($"line {error.Start.Line}: {error.Message}", error);
        }

        if (yaml.Documents is not [var document])
            throw new JsonException($"{yaml.Documents.Count} documents of YAML, not one");
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, document.RootNode, buffer, 0);
        return JsonDocument.Parse(buffer.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, YamlNode node, ArrayBufferWriter<byte> written, int depth)
    {
        if (depth > Deepest || written.WrittenCount + json.BytesPending > LargestBytes)
            throw new JsonException("it is nested too deeply, or too large");
        switch (node)
        {
            case YamlMappingNode mapping:
                json.WriteStartObject();
                foreach (var (key, value) in mapping)
                {
                    json.WritePropertyName((key as YamlScalarNode)?.Value ?? throw new JsonException($"line {key.Start.Line}: a key is no text"));
                    Write(json, value, written, depth + 1);
                }

                json.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                json.WriteStartArray();
                foreach (var item in sequence)
                    Write(json, item, written, depth + 1);
                json.WriteEndArray();
                break;
            case YamlScalarNode { Style: ScalarStyle.Plain } plain:
                WritePlain(json, plain.Value ?? "");
                break;
            default:
                json.WriteStringValue((node as YamlScalarNode)?.Value);
                break;
        }
    }

    private static void WritePlain(Utf8JsonWriter json, string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
            json.WriteNullValue();
        else if (text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
            json.WriteBooleanValue(text[0] is 't' or 'T');
        else if (Integer(text) is { } number)
            json.WriteNumberValue(number);
        else
            json.WriteStringValue(text);
    }

    // Modes are written in octal.
    private static long? Integer(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null;
        if (text.StartsWith("0o", StringComparison.Ordinal) || (text.Length > 1 && text[0] == '0'))
        {
            var digits = text.AsSpan(text[1] == 'o' ? 2 : 1);
            return digits.Length is > 0 and < 21 && !digits.ContainsAnyExceptInRange('0', '7') ? Convert.ToInt64(digits.ToString(), 8) : null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
