namespace Gantry.Apps.Options;

/// <summary>Finds the known word that a mistyped one was meant to be.</summary>
internal static class Nearest
{
    /// <returns><c>: did you mean "x"?</c>, or nothing when no word is near.</returns>
    public static string Suggest(string word, IEnumerable<string> known, string prefix = "")
    {
        var best = known.Select(k => (Word: k, Distance: Distance(word, k))).MinBy(static k => k.Distance);
        return best.Word is not null && best.Distance <= Math.Max(2, word.Length / 3) ? $" (did you mean {prefix}{best.Word}?)" : string.Empty;
    }

    // Levenshtein's, in one row.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
