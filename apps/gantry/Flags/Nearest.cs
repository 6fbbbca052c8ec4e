namespace Gantry.Cli.Flags;

/// <summary>Finds what somebody probably meant to type.</summary>
internal static class Nearest
{
    /// <summary>The candidate with the fewest edits, when there are at most two (or one for short words); null: none is near.</summary>
    public static string? Of(string typed, IEnumerable<string> candidates)
    {
        string? best = null;
        var limit = typed.Length <= 3 ? 1 : 2;
        foreach (var candidate in candidates)
        {
            var distance = Distance(typed, candidate);
            if (distance > limit || distance >= candidate.Length)
                continue;
            best = candidate;
            limit = distance - 1;
            if (limit < 0)
                break;
        }
        return best;
    }

    /// <summary>Edits between two words: insertion, deletion, replacement, and two neighbours swapped.</summary>
    /// <remarks>Source: optimal string alignment distance.</remarks>
    public static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}
