using System.Globalization;
using System.Text;

namespace Gantry.Model;

/// <summary>Shows people lines of a file, and those around them.</summary>
/// <remarks>Source: moby/buildkit solver/errdefs/source.go.</remarks>
public static class SourceExcerpt
{
    private const string Rule = "--------------------\n";

    /// <summary>The lines, marked, with about four others around one, or two around several; empty: the file has no such line.</summary>
    /// <param name="lines">The file's lines.</param>
    /// <param name="markedFirst">The first line that is marked, from 1.</param>
    /// <param name="markedLast">The last one.</param>
    public static string Render(string filename, IReadOnlyList<string> lines, int markedFirst, int markedLast)
    {
        if (markedFirst < 1 || markedFirst > lines.Count)
            return string.Empty;
        markedLast = Math.Max(markedLast, markedFirst);
        var first = markedFirst;
        var last = Math.Min(markedLast, lines.Count);
        var wanted = last == first ? 4 : 2;
        // Each round counts too, so that a file's ends bring less.
        for (var around = 0; around < wanted; around++)
        {
            if (first > 1)
            {
                first--;
                around++;
            }
            if (last < lines.Count)
            {
                last++;
                around++;
            }
        }
        var text = new StringBuilder().Append(filename).Append(':').Append(markedFirst.ToString(CultureInfo.InvariantCulture)).Append('\n').Append(Rule);
        for (var line = first; line <= last; line++)
        {
            var mark = line >= markedFirst && line <= markedLast ? ">>>" : "   ";
            text.Append(CultureInfo.InvariantCulture, $" {line,3} | {mark} {lines[line - 1]}\n");
        }
        return text.Append(Rule).ToString();
    }
}
