namespace Gantry.Apps.GantryRuntime;

/// <summary>Columns padded with blanks.</summary>
internal static class Table
{
    /// <summary>Lays rows out; the first is the heading.</summary>
    public static string Format(IReadOnlyList<string[]> rows)
    {
        var widths = new int[rows[0].Length];
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++) widths[i] = Math.Max(widths[i], row[i].Length);
        }

        return string.Join('\n', rows.Select(row => string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd()));
    }
}
