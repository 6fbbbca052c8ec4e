using System.Text;

namespace Gantry.Build;

/// <summary>Cuts one line of comma-separated values: a field in double quotes may hold commas, and quotes that are doubled.</summary>
/// <remarks>Source: Go encoding/csv and tonistiigi/go-csvvalue, whose words the failures have.</remarks>
internal static class CsvFields
{
    /// <exception cref="Model.GantryException">Invalid: quotes are where none may be, or are not closed.</exception>
    public static IReadOnlyList<string> Split(string text)
    {
        if (text.Length == 0)
            throw SyntaxFailure.Of("EOF");
        var fields = new List<string>();
        for (var at = 0; ; at++)
        {
            fields.Add(text.AsSpan(at).StartsWith("\"") ? ReadQuoted(text, ref at) : ReadPlain(text, ref at));
            if (at >= text.Length)
                return fields;
        }
    }

    private static string ReadPlain(string text, ref int at)
    {
        var end = text.IndexOf(',', at);
        var field = end < 0 ? text[at..] : text[at..end];
        var quote = field.IndexOf('"', StringComparison.Ordinal);
        if (quote >= 0)
            throw Fault(text, at + quote, "bare \" in non-quoted-field");
        at += field.Length;
        return field;
    }

    private static string ReadQuoted(string text, ref int at)
    {
        var field = new StringBuilder();
        for (at++; ; at++)
        {
            var end = text.IndexOf('"', at);
            if (end < 0)
                throw Fault(text, at, "extraneous or missing \" in quoted-field");
            field.Append(text, at, end - at);
            at = end + 1;
            if (at >= text.Length || text[at] == ',')
                return field.ToString();
            if (text[at] != '"')
                throw Fault(text, end, "extraneous or missing \" in quoted-field");
            field.Append('"');
        }
    }

    private static Exception Fault(string text, int at, string message) =>
        SyntaxFailure.Of($"parse error on line 1, column {Encoding.UTF8.GetByteCount(text.AsSpan(0, at)) + 1}: {message}");
}
