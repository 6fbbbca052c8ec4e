using System.Text;
using System.Text.Json;

namespace Gantry.Build;

/// <summary>Finds the directives that say who reads a file and how it is linted, before the file is read.</summary>
/// <remarks>
/// They are looked for more kindly than <c># escape=</c>: behind a <c>#!</c> line too, and <c>syntax</c> also as
/// <c>// syntax=</c> and as a member of a JSON object. Source: moby/buildkit frontend/dockerfile/parser/directives.go, DetectSyntax.
/// </remarks>
internal static class Directives
{
    /// <summary>A directive's value and its line; null: there is none.</summary>
    public static (string Value, SourceLines Lines)? Find(string name, ReadOnlySpan<byte> text, bool anyFormat)
    {
        if (text.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            text = text[3..];
        var first = 1;
        if (text.StartsWith("#!"u8))
        {
            var end = text.IndexOf((byte)'\n');
            text = end < 0 ? [] : text[(end + 1)..];
            first++;
        }
        return Find(name, text, first, "#") ?? (anyFormat ? Find(name, text, first, "//") ?? FindInJson(name, text, first) : null);
    }

    private static (string Value, SourceLines Lines)? Find(string name, ReadOnlySpan<byte> text, int number, string comment)
    {
        var reader = new DirectiveReader(comment);
        for (; !text.IsEmpty; number++)
        {
            var end = text.IndexOf((byte)'\n');
            var line = Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
            text = end < 0 ? [] : text[(end + 1)..];
            (string Name, string Value)? directive;
            try
            {
                directive = reader.Read(line);
            }
            catch (Model.GantryException)
            {
                // The parser says so when it gets there.
                return null;
            }
            if (directive is null)
                return null;
            if (directive.Value.Name == name)
                return (directive.Value.Value, new(number, number));
        }
        return null;
    }

    private static (string Value, SourceLines Lines)? FindInJson(string name, ReadOnlySpan<byte> text, int number)
    {
        if (!text.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text.ToArray(), new() { MaxDepth = 64 });
            return document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? (value.GetString() ?? string.Empty, new(number, number))
                : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
