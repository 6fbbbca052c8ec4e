using System.Text;

namespace Gantry.Build;

/// <summary>Sets rows into columns: each as wide as its widest cell, the last without filling.</summary>
/// <param name="gap">Spaces behind a column's widest cell.</param>
internal sealed class TextTable(int gap)
{
    private readonly List<string[]> _rows = [];

    public TextTable Add(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    public string Render()
    {
        var widths = Enumerable.Range(0, _rows[0].Length).Select(column => _rows.Max(row => Width(row[column])) + gap).ToArray();
        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            for (var column = 0; column < row.Length - 1; column++)
                text.Append(row[column]).Append(' ', widths[column] - Width(row[column]));
            text.Append(row[^1]).Append('\n');
        }
        return text.ToString();
    }

    private static int Width(string cell) => cell.EnumerateRunes().Count();
}
