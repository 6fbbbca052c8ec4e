namespace Gantry.Model.Patterns;

/// <summary>Reads classes of characters as Go's regular expressions have them.</summary>
/// <remarks>Source: Go regexp/syntax.</remarks>
internal static class RuneClasses
{
    private static readonly (int, int)[] _digits = [('0', '9')];
    private static readonly (int, int)[] _spaces = [('\t', '\n'), ('\f', '\r'), (' ', ' ')];
    private static readonly (int, int)[] _words = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

    /// <summary>What <c>\w</c> means.</summary>
    public static RuneSet Word { get; } = new(_words);

    /// <summary>From behind the opening bracket to behind the closing one; null: malformed.</summary>
    public static RuneSet? Read(int[] runes, ref int i)
    {
        var isNegated = i < runes.Length && runes[i] == '^';
        if (isNegated)
            i++;
        List<(int, int)> ranges = [];
        List<RuneSet> others = [];
        for (var isFirst = true; i < runes.Length && (isFirst || runes[i] != ']'); isFirst = false)
        {
            // "[:alpha:]" would be a class of its own.
            if (runes[i] == '[' && i + 1 < runes.Length && runes[i + 1] == ':')
                return null;
            if (ReadItem(runes, ref i, others) is not { } range)
                return null;
            if (range.Low >= 0)
                ranges.Add(range);
        }
        return i++ < runes.Length ? new(ranges, isNegated, others) : null;
    }

    /// <summary>What follows a backslash; null: malformed.</summary>
    public static RuneSet? ReadEscape(int[] runes, ref int i)
    {
        if (i == runes.Length)
            return null;
        var rune = runes[i++];
        return Named(rune) ?? (Literal(rune) is { } literal ? RuneSet.Of(literal) : null);
    }

    // A negative range: a named class, which has been added to the others.
    private static (int Low, int High)? ReadItem(int[] runes, ref int i, List<RuneSet> others)
    {
        if (runes[i] == '\\' && i + 1 < runes.Length && Named(runes[i + 1]) is { } named)
        {
            others.Add(named);
            i += 2;
            return (-1, -1);
        }
        if (ReadOne(runes, ref i) is not { } low)
            return null;
        if (i + 1 >= runes.Length || runes[i] != '-' || runes[i + 1] == ']')
            return (low, low);
        i++;
        return ReadOne(runes, ref i) is { } high && high >= low ? (low, high) : null;
    }

    private static int? ReadOne(int[] runes, ref int i)
    {
        var rune = runes[i++];
        if (rune != '\\')
            return rune;
        return i < runes.Length ? Literal(runes[i++]) : null;
    }

    private static RuneSet? Named(int rune) => rune switch
    {
        'd' => new(_digits),
        'D' => new(_digits, isNegated: true),
        's' => new(_spaces),
        'S' => new(_spaces, isNegated: true),
        'w' => Word,
        'W' => new(_words, isNegated: true),
        _ => null,
    };

    // Letters and digits behind a backslash have meanings, and only these are known; so may others have one day.
    private static int? Literal(int rune) => rune switch
    {
        'a' => '\a',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        _ => rune >= 128 || char.IsAsciiLetterOrDigit((char)rune) ? null : rune,
    };
}
