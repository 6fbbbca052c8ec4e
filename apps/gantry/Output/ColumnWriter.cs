using System.Text;

namespace Gantry.Cli.Output;

/// <summary>Aligns text whose cells end in tabs, as Go's tabwriter does: scripts cut Docker's tables by column.</summary>
/// <remarks>
/// A column is a block of neighbouring lines that have a cell there; the last cell of a line belongs to no column.
/// Source: Go text/tabwriter.
/// </remarks>
internal sealed class ColumnWriter
{
    private readonly List<string[]> _lines = [];

    /// <summary>Least width of a column, in characters, with its padding. Docker's lists use 10.</summary>
    public int MinimumWidth { get; init; } = 10;

    /// <summary>Spaces behind the widest cell. Docker's lists use 3.</summary>
    public int Padding { get; init; } = 3;

    /// <summary>Adds a line; one with line ends in it counts as several.</summary>
    public void Line(string text)
    {
        foreach (var line in text.Split('\n'))
            _lines.Add(line.Split('\t'));
    }

    /// <summary>Writes the lines aligned.</summary>
    public void WriteTo(TextOutput output)
    {
        var widths = new int[_lines.Count][];
        for (var i = 0; i < _lines.Count; i++)
            widths[i] = new int[Math.Max(0, _lines[i].Length - 1)];
        for (var i = 0; i < _lines.Count; i++)
        {
            for (var column = 0; column < widths[i].Length; column++)
            {
                if (widths[i][column] == 0)
                    MeasureBlock(widths, i, column);
            }
        }
        var line = new StringBuilder();
        for (var i = 0; i < _lines.Count; i++)
            output.WriteLine(Format(_lines[i], widths[i], line.Clear()));
    }

    private void MeasureBlock(int[][] widths, int first, int column)
    {
        var width = MinimumWidth;
        var end = first;
        for (; end < _lines.Count && widths[end].Length > column; end++)
            width = Math.Max(width, Width(_lines[end][column]) + Padding);
        for (var i = first; i < end; i++)
            widths[i][column] = width;
    }

    private static string Format(string[] cells, int[] widths, StringBuilder line)
    {
        for (var column = 0; column < cells.Length; column++)
        {
            line.Append(cells[column]);
            if (column < widths.Length)
                line.Append(' ', widths[column] - Width(cells[column]));
        }
        return line.ToString();
    }

    private static int Width(string text)
    {
        var width = 0;
        foreach (var _ in text.EnumerateRunes())
            width++;
        return width;
    }
}
