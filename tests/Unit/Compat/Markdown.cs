using System.Text;

namespace Gantry.Tests.Unit.Compat;

/// <summary>Writes tables in Markdown.</summary>
internal static class Markdown
{
    /// <summary>Text for a cell: on one line, and nothing in it is taken for markup.</summary>
    public static string Text(string text) => text.ReplaceLineEndings(" ")
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("<", "\\<", StringComparison.Ordinal)
        .Replace("[", "\\[", StringComparison.Ordinal);

    public static void Row(StringBuilder page, params string[] cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    public static void Head(StringBuilder page, params string[] cells)
    {
        Row(page, cells);
        Row(page, [.. cells.Select(static _ => "---")]);
    }
}
