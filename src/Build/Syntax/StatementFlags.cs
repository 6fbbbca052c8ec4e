using System.Text;

namespace Gantry.Build;

/// <summary>Cuts the flags off an instruction's text.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/parser/split_command.go.</remarks>
internal static class StatementFlags
{
    /// <summary>Reads words as long as they begin with <c>--</c>; a lone <c>--</c> ends them.</summary>
    /// <returns>The flags without quotes and escapes, and the text behind them.</returns>
    public static (IReadOnlyList<string> Flags, string Behind) Split(string text, char escape)
    {
        var flags = new List<string>();
        for (var at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (!text.AsSpan(at).StartsWith("--"))
                return (flags, text[at..]);
            var flag = ReadWord(text, ref at, escape);
            if (flag == "--")
                return (flags, text[at..]);
            flags.Add(flag);
        }
    }

    private static string ReadWord(string text, ref int at, char escape)
    {
        var word = new StringBuilder();
        var quote = '\0';
        for (; at < text.Length; at++)
        {
            var character = text[at];
            if (quote == '\0' && char.IsWhiteSpace(character))
                break;
            if (quote == '\0' ? character is '\'' or '"' : character == quote)
            {
                quote = quote == '\0' ? character : '\0';
                continue;
            }
            if (character == escape && ++at == text.Length)
                break;
            word.Append(text[at]);
        }
        return word.ToString();
    }
}
