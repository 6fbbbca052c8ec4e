namespace Gantry.Model;

/// <summary>Finds the known word that a mistyped one was meant to be.</summary>
public static class Nearest
{
    /// <returns><c> (did you mean x?)</c>, or nothing when no word is near.</returns>
    public static string Suggest(string word, IEnumerable<string> known, string prefix = "") =>
        Find(word, known) is { } best ? $" (did you mean {prefix}{best}?)" : string.Empty;

    /// <summary>The known word that is nearest to a mistyped one; null when none is near.</summary>
    public static string? Find(string word, IEnumerable<string> known)
    {
        var best = known.Select(k => (Word: k, Distance: Distance(word, k))).MinBy(static k => k.Distance);
        return best.Word is not null && best.Distance <= Math.Max(2, word.Length / 3) && best.Distance < word.Length ? best.Word : null;
    }

    /// <summary>The known word that differs in the fewest characters, and in fewer than a limit; of equals the first; null: none does.</summary>
    public static string? FindWithin(string word, IEnumerable<string> known, int limit)
    {
        string? best = null;
        foreach (var candidate in known)
        {
            if (Math.Abs(candidate.Length - word.Length) >= limit || Distance(word, candidate) is var distance && distance >= limit)
                continue;
            best = candidate;
            limit = distance;
        }
        return best;
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
