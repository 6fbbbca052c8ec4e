using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gantry.Build;

/// <summary>Reads the exec form of instructions: a JSON array of strings.</summary>
internal static class JsonWords
{
    /// <summary>The array's strings; null: the text is no JSON array, and so a shell form.</summary>
    /// <exception cref="Model.GantryException">Invalid: an array of other things too.</exception>
    public static List<string>? Find(string text)
    {
        text = text.TrimStart();
        if (!text.StartsWith('['))
            return null;
        var words = new List<string>();
        var onlyStrings = true;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = 1000 });
        try
        {
            reader.Read();
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.String)
                    words.Add(Unescape(reader));
                else if (reader.CurrentDepth > 0)
                    onlyStrings = false;
            }
        }
        catch (JsonException)
        {
            return null;
        }
        return onlyStrings ? words : throw SyntaxFailure.Of("when using JSON array syntax, arrays must be comprised of strings only");
    }

    // Utf8JsonReader.GetString refuses half a surrogate pair, which Go takes.
    private static string Unescape(in Utf8JsonReader reader)
    {
        var text = Encoding.UTF8.GetString(reader.ValueSpan);
        if (!reader.ValueIsEscaped)
            return text;
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                result.Append(text[at]);
                continue;
            }
            at++;
            result.Append(text[at] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                'u' => (char)ushort.Parse(text.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var other => other,
            });
            if (text[at] == 'u')
                at += 4;
        }
        // Halves without their other half become the replacement character on the way through UTF-8.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(result.ToString()));
    }
}
