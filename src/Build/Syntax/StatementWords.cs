using System.Text;

namespace Gantry.Build;

/// <summary>The ways in which instructions cut their texts.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/parser/line_parsers.go.</remarks>
internal static class StatementWords
{
    /// <summary>What separates words: white space but for a line's end.</summary>
    private static readonly char[] _separators = ['\t', '\v', '\f', '\r', ' '];

    /// <summary>Cuts at runs of white space.</summary>
    public static List<string> Split(string text)
    {
        var words = new List<string>();
        for (var rest = text.AsSpan(); !text.AsSpan().IsEmpty;)
        {
            var end = rest.IndexOfAny(_separators);
            words.Add((end < 0 ? rest : rest[..end]).ToString());
            if (end < 0)
                return words;
            rest = rest[end..].TrimStart(_separators);
        }
        return words;
    }

    /// <summary>Cuts at the first run of white space; null: there is none.</summary>
    public static (string First, string Behind)? SplitOnce(string text)
    {
        var end = text.IndexOfAny(_separators);
        return end < 0 ? null : (text[..end], text[end..].TrimStart(_separators));
    }

    /// <summary>Cuts at white space that is neither quoted nor escaped. Quotes and escapes stay: they are taken away when variables are replaced.</summary>
    public static List<string> SplitQuoted(string text, char escape)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var at = 0; at < text.Length; at++)
        {
            var character = text[at];
            if (quote == '\0' && char.IsWhiteSpace(character))
            {
                EndWord();
                continue;
            }
            if (character == quote)
                quote = '\0';
            else if (quote == '\0' && character is '\'' or '"')
                quote = character;
            if (character == escape && quote != '\'')
            {
                // One at the very end escapes nothing.
                if (at + 1 == text.Length)
                    break;
                word.Append(character);
                character = text[++at];
            }
            word.Append(character);
        }
        EndWord();
        return words;

        void EndWord()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }
}
