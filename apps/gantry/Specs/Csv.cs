using System.Text;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Specs;

/// <summary>One line of comma-separated values, with quotes around those that hold commas: <c>"a=1,2",b</c>.</summary>
/// <remarks>Source: Go encoding/csv, which Docker reads --mount, --network and --gpus with.</remarks>
internal static class Csv
{
    /// <summary>The fields of a line.</summary>
    /// <exception cref="FlagException">A quote is not closed or stands in a bare field.</exception>
    public static List<string> Parse(string line)
    {
        var fields = new List<string>();
        if (line.Length == 0)
            throw new FlagException("EOF");
        var field = new StringBuilder();
        for (var i = 0; ; i++)
        {
            field.Clear();
            if (i < line.Length && line[i] == '"')
                i = ReadQuoted(line, i + 1, field);
            else
                i = ReadBare(line, i, field);
            fields.Add(field.ToString());
            if (i >= line.Length)
                return fields;
        }
    }

    private static int ReadQuoted(string line, int at, StringBuilder field)
    {
        for (; at < line.Length; at++)
        {
            if (line[at] != '"')
            {
                field.Append(line[at]);
                continue;
            }
            if (at + 1 == line.Length || line[at + 1] == ',')
                return at + 1;
            if (line[at + 1] != '"')
                throw new FlagException($"parse error on line 1, column {at + 2}: extraneous or missing \" in quoted-field");
            field.Append('"');
            at++;
        }
        throw new FlagException($"parse error on line 1, column {line.Length + 1}: extraneous or missing \" in quoted-field");
    }

    private static int ReadBare(string line, int at, StringBuilder field)
    {
        for (; at < line.Length && line[at] != ','; at++)
        {
            if (line[at] == '"')
                throw new FlagException($"parse error on line 1, column {at + 1}: bare \" in non-quoted-field");
            field.Append(line[at]);
        }
        return at;
    }
}
