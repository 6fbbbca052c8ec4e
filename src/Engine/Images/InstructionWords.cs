using System.Text;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Images;

/// <summary>Takes the arguments of a Dockerfile instruction apart.</summary>
/// <remarks>Source: Dockerfile reference; dockerfile.md of BuildKit's frontend.</remarks>
internal static class InstructionWords
{
    /// <summary>The JSON form <c>["a", "b"]</c>; null when it is the shell form.</summary>
    public static IReadOnlyList<string>? Json(string arguments)
    {
        if (!arguments.StartsWith('['))
            return null;
        try
        {
            using var document = JsonDocument.Parse(arguments);
            // NOTE: what is not an array of strings is shell form, not an error; so says the reference.
            return document.RootElement.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) ? [.. document.RootElement.EnumerateArray().Select(e => e.GetString()!)] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Words split at blanks; quotes keep blanks together and are taken away, a backslash takes one character as it is.</summary>
    public static IReadOnlyList<string> Split(string arguments)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        char quote = '\0';
        for (var i = 0; i < arguments.Length; i++)
        {
            var c = arguments[i];
            if (c == '\\' && quote != '\'' && i + 1 < arguments.Length)
            {
                word.Append(arguments[++i]);
                inWord = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                inWord = true;
            }
            else if (c is ' ' or '\t')
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (quote != '\0')
            throw GantryException.Of(ErrorKind.Invalid, $"unexpected end of statement while looking for matching {(quote == '"' ? "double" : "single")}-quote: {arguments}");
        if (inWord)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>Pairs as in <c>A=1 B="two words"</c>, or the old form <c>A the rest</c>.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Pairs(string instruction, string arguments)
    {
        var words = Split(arguments);
        if (words.Count == 0)
            throw GantryException.Of(ErrorKind.Invalid, $"{instruction} must have arguments");
        if (!words[0].Contains('=', StringComparison.Ordinal))
        {
            if (words.Count < 2)
                throw GantryException.Of(ErrorKind.Invalid, $"{instruction} must have two arguments");
            return [new(words[0], arguments[(arguments.IndexOfAny([' ', '\t']) + 1)..].Trim())];
        }

        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw GantryException.Of(ErrorKind.Invalid, $"Syntax error - can't find = in \"{word}\". Must be of the form: name=value");
            pairs.Add(new(word[..equals], word[(equals + 1)..]));
        }

        return pairs;
    }
}
