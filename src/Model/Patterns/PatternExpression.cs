namespace Gantry.Model.Patterns;

/// <summary>
/// The small part of Go's regular expressions that moby/patternmatcher makes of patterns, run so that no pattern and no name takes
/// longer than both multiplied.
/// </summary>
/// <remarks>
/// Patternmatcher writes an expression as text, and what a pattern has in brackets or behind a backslash gets the meaning that the
/// expression gives it: <c>[*x]</c> becomes <c>[[^/]*x]</c>, <c>\d</c> a digit. That is kept. Not known here are <c>\p</c>,
/// <c>\Q</c>, <c>\x</c>, numbers behind a backslash and <c>[[:alpha:]]</c>; they are malformed.
/// </remarks>
internal sealed class PatternExpression
{
    private readonly List<Part> _parts = [];

    private enum PartKind
    {
        /// <summary>One character of the set.</summary>
        One,

        /// <summary>Any number of characters of the set.</summary>
        Many,

        /// <summary>The two parts that follow, or nothing.</summary>
        Optional,

        /// <summary>Where the path begins.</summary>
        Start,

        /// <summary>Where the path ends.</summary>
        End,

        /// <summary>Between a letter, digit or underscore and something else.</summary>
        Edge,

        /// <summary>Anywhere else.</summary>
        NoEdge,
    }

    /// <summary>Reads an expression that is to match a whole path; null: it is malformed.</summary>
    public static PatternExpression? TryParse(string text)
    {
        var expression = new PatternExpression();
        var runes = Wildcard.RunesOf(text);
        var i = 0;
        while (i < runes.Length)
        {
            if (!expression.Read(runes, ref i))
                return null;
        }
        return expression;
    }

    public bool Matches(string path)
    {
        var runes = Wildcard.RunesOf(path);
        // Which parts may come next, as if all ways through were gone at once.
        Span<bool> current = _parts.Count < 256 ? stackalloc bool[_parts.Count + 1] : new bool[_parts.Count + 1];
        Span<bool> next = _parts.Count < 256 ? stackalloc bool[_parts.Count + 1] : new bool[_parts.Count + 1];
        current[0] = true;
        for (var at = 0; ; at++)
        {
            Follow(current, runes, at);
            if (at == runes.Length)
                return current[^1];
            next.Clear();
            for (var i = 0; i < _parts.Count; i++)
            {
                if (current[i] && _parts[i] is { Kind: PartKind.One or PartKind.Many } part && part.Set!.Contains(runes[at]))
                    next[part.Kind == PartKind.One ? i + 1 : i] = true;
            }
            var spent = current;
            current = next;
            next = spent;
        }
    }

    // Marks what is reached without a character. All ways lead forward, so one pass is enough.
    private void Follow(Span<bool> current, int[] runes, int at)
    {
        for (var i = 0; i < _parts.Count; i++)
        {
            if (!current[i])
                continue;
            switch (_parts[i].Kind)
            {
                case PartKind.Many:
                    current[i + 1] = true;
                    break;
                case PartKind.Optional:
                    current[i + 1] = true;
                    current[i + 3] = true;
                    break;
                case PartKind.Start when at == 0:
                case PartKind.End when at == runes.Length:
                case PartKind.Edge when IsEdge(runes, at):
                case PartKind.NoEdge when !IsEdge(runes, at):
                    current[i + 1] = true;
                    break;
                default:
                    break;
            }
        }
    }

    private static bool IsEdge(int[] runes, int at) =>
        (at > 0 && RuneClasses.Word.Contains(runes[at - 1])) != (at < runes.Length && RuneClasses.Word.Contains(runes[at]));

    private bool Read(int[] runes, ref int i)
    {
        switch (runes[i])
        {
            case '(':
                // "(.*/)?": the only group there is.
                _parts.Add(new(PartKind.Optional));
                _parts.Add(new(PartKind.Many, RuneSet.NotNewline));
                _parts.Add(new(PartKind.One, RuneSet.Of('/')));
                i += 6;
                return true;
            case '.':
                // ".*": it never stands alone.
                _parts.Add(new(PartKind.Many, RuneSet.NotNewline));
                i += 2;
                return true;
            case '^':
                _parts.Add(new(PartKind.Start));
                i++;
                return true;
            case '[':
                i++;
                if (RuneClasses.Read(runes, ref i) is not { } set)
                    return false;
                var isMany = i < runes.Length && runes[i] == '*';
                _parts.Add(new(isMany ? PartKind.Many : PartKind.One, set));
                i += isMany ? 1 : 0;
                return true;
            case '\\':
                i++;
                return ReadEscape(runes, ref i);
            default:
                _parts.Add(new(PartKind.One, RuneSet.Of(runes[i++])));
                return true;
        }
    }

    private bool ReadEscape(int[] runes, ref int i)
    {
        if (i == runes.Length)
            return false;
        PartKind? assertion = runes[i] switch { 'A' => PartKind.Start, 'z' => PartKind.End, 'b' => PartKind.Edge, 'B' => PartKind.NoEdge, _ => null };
        if (assertion is { } kind)
        {
            _parts.Add(new(kind));
            i++;
            return true;
        }
        if (RuneClasses.ReadEscape(runes, ref i) is not { } set)
            return false;
        _parts.Add(new(PartKind.One, set));
        return true;
    }

    private readonly record struct Part(PartKind Kind, RuneSet? Set = null);
}
