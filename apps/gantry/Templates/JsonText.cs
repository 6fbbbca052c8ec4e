using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>Values and documents as JSON text, as Go's encoding/json writes them.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A document without its blanks, every token as it was sent.</summary>
    public static string Compact(byte[] document)
    {
        var output = new StringBuilder(document.Length);
        var inString = false;
        var text = Encoding.UTF8.GetString(document);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (inString && c == '\\' && i + 1 < text.Length)
                output.Append(c).Append(text[++i]);
            else if (inString || !char.IsWhiteSpace(c))
                output.Append(c);
            if (c == '"')
                inString = !inString;
        }
        return output.ToString();
    }

    /// <summary>A value as compact JSON.</summary>
    public static string Of(object? value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
            Write(json, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A value as compact JSON that can stand in HTML, as Go's json.Marshal writes it.</summary>
    public static string Escaped(object? value) => Of(value)
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal);

    /// <summary>Indents JSON as Go's json.Indent does: every token stays as it was sent, only blanks change.</summary>
    /// <param name="json">Well-formed JSON.</param>
    /// <param name="indent">One level's blanks.</param>
    /// <param name="prefix">Blanks in front of every line but the first.</param>
    public static string Indent(ReadOnlySpan<byte> json, string indent, string prefix = "")
    {
        var output = new StringBuilder(json.Length * 2);
        var depth = 0;
        var text = Encoding.UTF8.GetString(json);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"':
                    var end = i + 1;
                    while (end < text.Length && text[end] != '"')
                        end += text[end] == '\\' ? 2 : 1;
                    output.Append(text, i, Math.Min(end + 1, text.Length) - i);
                    i = end;
                    break;
                case '{' or '[':
                    output.Append(c);
                    var next = i + 1;
                    while (next < text.Length && char.IsWhiteSpace(text[next]))
                        next++;
                    if (next < text.Length && text[next] is '}' or ']')
                    {
                        output.Append(text[next]);
                        i = next;
                        break;
                    }
                    NewLine(output, ++depth, indent, prefix);
                    break;
                case '}' or ']':
                    NewLine(output, --depth, indent, prefix);
                    output.Append(c);
                    break;
                case ',':
                    output.Append(c);
                    NewLine(output, depth, indent, prefix);
                    break;
                case ':':
                    output.Append(": ");
                    break;
                case ' ' or '\t' or '\r' or '\n':
                    break;
                default:
                    output.Append(c);
                    break;
            }
        }
        return output.ToString();
    }

    private static void NewLine(StringBuilder output, int depth, string indent, string prefix)
    {
        output.Append('\n').Append(prefix);
        for (var i = 0; i < depth; i++)
            output.Append(indent);
    }

    private static void WriteElement(Utf8JsonWriter json, JsonElement element, string? name)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    WriteElement(json, item, null);
                json.WriteEndArray();
                break;
            case JsonValueKind.Object:
                WriteFields(json, (JsonFields)JsonValue.Of(element, name)!);
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }

    /// <summary>Go writes a struct's fields in their order and a map's keys sorted.</summary>
    private static void WriteFields(Utf8JsonWriter json, JsonFields fields)
    {
        json.WriteStartObject();
        var properties = fields.Element.EnumerateObject().AsEnumerable();
        foreach (var property in fields.IsMap ? properties.OrderBy(static p => p.Name, StringComparer.Ordinal) : properties)
        {
            json.WritePropertyName(property.Name);
            WriteElement(json, property.Value, property.Name);
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or JsonList { IsNil: true } or JsonFields { IsNil: true }:
                json.WriteNullValue();
                break;
            case string s:
                json.WriteStringValue(s);
                break;
            case bool b:
                json.WriteBooleanValue(b);
                break;
            case long n:
                json.WriteNumberValue(n);
                break;
            case double d:
                json.WriteNumberValue(d);
                break;
            case JsonList list:
                WriteElement(json, list.Element, null);
                break;
            case JsonFields fields:
                WriteFields(json, fields);
                break;
            case IReadOnlyList<string> list:
                json.WriteStartArray();
                foreach (var item in list)
                    json.WriteStringValue(item);
                json.WriteEndArray();
                break;
            case IReadOnlyList<ITemplateFields> list:
                json.WriteStartArray();
                foreach (var item in list)
                    Write(json, item);
                json.WriteEndArray();
                break;
            case ITemplateFields fields:
                json.WriteStartObject();
                foreach (var (name, field) in fields.Fields)
                {
                    json.WritePropertyName(name);
                    Write(json, field);
                }
                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}
