using System.Text;

namespace Gantry.Cli.Output;

/// <summary>Shortens text to a width in characters, the last of which is then an ellipsis.</summary>
internal static class Ellipsis
{
    public static string Cut(string text, int width)
    {
        if (text.Length <= width || text.EnumerateRunes().Count() <= width)
            return text;
        var cut = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(width - 1))
            cut.Append(rune.ToString());
        return cut.Append('…').ToString();
    }

    /// <summary>The first 12 digits of an id, without its algorithm.</summary>
    public static string ShortId(string id)
    {
        var bare = id.StartsWith("sha256:", StringComparison.Ordinal) ? id[7..] : id;
        return bare.Length > 12 ? bare[..12] : bare;
    }
}
