namespace Gantry.Model.Patterns;

/// <summary>
/// A pattern of Go's filepath.Match: <c>*</c> and <c>?</c> stand for anything but a slash, <c>[a-z]</c> and <c>[^a-z]</c> for one
/// character, a backslash takes the next one's meaning away. It matches the whole name or not at all.
/// </summary>
/// <remarks>Source: Go path/filepath match.go. It takes time in proportion to pattern and name multiplied, never more.</remarks>
public sealed class Wildcard
{
    // Null: any number of characters.
    private readonly List<RuneSet?> _parts;

    private Wildcard(List<RuneSet?> parts) => _parts = parts;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="GantryException">Invalid: the pattern is malformed.</exception>
    public static Wildcard Parse(string pattern) => TryParse(pattern) ?? throw Malformed();

    /// <summary>Reads a pattern; null: it is malformed.</summary>
    public static Wildcard? TryParse(string pattern)
    {
        List<RuneSet?> parts = [];
        var runes = RunesOf(pattern);
        for (var i = 0; i < runes.Length; i++)
        {
            switch (runes[i])
            {
                case '*':
                    parts.Add(null);
                    break;
                case '?':
                    parts.Add(RuneSet.NotSlash);
                    break;
                case '[':
                    i++;
                    if (ReadClass(runes, ref i) is not { } set)
                        return null;
                    parts.Add(set);
                    break;
                case '\\':
                    if (++i == runes.Length)
                        return null;
                    parts.Add(RuneSet.Of(runes[i]));
                    break;
                default:
                    parts.Add(RuneSet.Of(runes[i]));
                    break;
            }
        }
        return new(parts);
    }

    /// <summary>Whether the whole name matches.</summary>
    public bool Matches(string name)
    {
        var runes = RunesOf(name);
        var (part, at) = (0, 0);
        var (star, resume) = (-1, 0);
        while (at < runes.Length || part < _parts.Count)
        {
            if (part < _parts.Count && _parts[part] is null)
            {
                (star, resume) = (part++, at);
                continue;
            }
            if (part < _parts.Count && at < runes.Length && _parts[part]!.Contains(runes[at]))
            {
                part++;
                at++;
                continue;
            }
            // The last star takes one more. An earlier one never need: what it could take, the last one reaches too.
            if (star < 0 || resume == runes.Length || runes[resume] == '/')
                return false;
            at = ++resume;
            part = star + 1;
        }
        return true;
    }

    internal static GantryException Malformed() => GantryException.Of(ErrorKind.Invalid, "syntax error in pattern");

    internal static int[] RunesOf(string text)
    {
        var runes = new int[text.Length];
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
            runes[count++] = rune.Value;
        return count == runes.Length ? runes : runes[..count];
    }

    // From behind the opening bracket to the closing one; null: malformed.
    private static RuneSet? ReadClass(int[] runes, ref int i)
    {
        var isNegated = i < runes.Length && runes[i] == '^';
        if (isNegated)
            i++;
        List<(int, int)> ranges = [];
        while (ranges.Count == 0 || runes[i] != ']')
        {
            if (ReadBound(runes, ref i) is not { } low)
                return null;
            var high = low;
            if (runes[i] == '-')
            {
                i++;
                if (ReadBound(runes, ref i) is not { } end)
                    return null;
                high = end;
            }
            ranges.Add((low, high));
        }
        return new(ranges, isNegated);
    }

    // Leaves a character behind what it read: a class that ends here is malformed.
    private static int? ReadBound(int[] runes, ref int i)
    {
        if (i >= runes.Length || runes[i] is '-' or ']')
            return null;
        if (runes[i] == '\\' && ++i == runes.Length)
            return null;
        var rune = runes[i++];
        return i < runes.Length ? rune : null;
    }
}
