using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>A pattern with <c>*</c> and <c>?</c>, matched in time that grows with text × pattern, whoever wrote them.</summary>
internal sealed class ShellPattern
{
    // A place of the pattern: a character that must be there, or one of these.
    private const int Any = -1;
    private const int AnyMany = -2;

    private readonly int[] _places;

    private ShellPattern(int[] places) => _places = places;

    /// <summary>Reads a pattern; <c>\*</c>, <c>\?</c> and <c>\\</c> are the characters themselves, as are <c>\/</c> and <c>\}</c>.</summary>
    /// <exception cref="GantryException">Invalid: another character is escaped.</exception>
    public static ShellPattern Parse(IReadOnlyList<Rune> pattern)
    {
        var places = new List<int>(pattern.Count);
        for (var i = 0; i < pattern.Count; i++)
        {
            var rune = pattern[i].Value;
            if (rune == '\\')
            {
                i++;
                rune = i < pattern.Count ? pattern[i].Value : 0xFFFD;
                if (rune is not ('*' or '?' or '\\' or '/' or '}'))
                    throw GantryException.Of(ErrorKind.Invalid, $"invalid pattern ({Join(pattern)}) in substitution: invalid escape '\\{new Rune(rune)}'");
                places.Add(rune);
            }
            else
            {
                places.Add(rune switch { '*' => AnyMany, '?' => Any, _ => rune });
            }
        }
        return new([.. places]);
    }

    /// <summary>How many characters at the text's beginning match; null: none do.</summary>
    /// <param name="longest">As many as can, and not as few as can.</param>
    public int? MatchPrefix(ReadOnlySpan<Rune> text, bool longest) => Find(text, 0, anchored: true, longest)?.End;

    /// <summary>The first match at or after a place, as long as it can be; null: there is none.</summary>
    public (int Start, int End)? FindLongest(ReadOnlySpan<Rune> text, int from) => Find(text, from, anchored: false, longest: true);

    // Walks all ways through the pattern at once. Each holds where it began: the earliest beginning wins, then the furthest end.
    private (int Start, int End)? Find(ReadOnlySpan<Rune> text, int from, bool anchored, bool longest)
    {
        const int None = int.MaxValue;
        var starts = new int[_places.Length + 1];
        var next = new int[_places.Length + 1];
        Array.Fill(starts, None);
        (int Start, int End)? found = null;
        for (var at = from; ; at++)
        {
            if (found is null && (!anchored || at == from))
                starts[0] = Math.Min(starts[0], at);
            for (var place = 0; place < _places.Length; place++)
            {
                if (_places[place] == AnyMany)
                    starts[place + 1] = Math.Min(starts[place + 1], starts[place]);
            }
            if (starts[^1] != None && (found is null || starts[^1] <= found.Value.Start))
            {
                found = (starts[^1], at);
                if (!longest)
                    return found;
            }
            if (at >= text.Length)
                return found;
            var alive = false;
            Array.Fill(next, None);
            for (var place = 0; place < _places.Length; place++)
            {
                if (starts[place] == None || (found is { } known && starts[place] > known.Start) || !Accepts(_places[place], text[at].Value))
                    continue;
                var target = _places[place] == AnyMany ? place : place + 1;
                next[target] = Math.Min(next[target], starts[place]);
                alive = true;
            }
            if (!alive && (anchored || found is not null))
                return found;
            (starts, next) = (next, starts);
        }
    }

    // Wildcards stop at the end of a line, as they do in BuildKit's regular expressions.
    private static bool Accepts(int place, int rune) => place >= 0 ? place == rune : rune != '\n';

    private static string Join(IReadOnlyList<Rune> runes)
    {
        var text = new StringBuilder(runes.Count);
        foreach (var rune in runes)
            text.Append(rune.ToString());
        return text.ToString();
    }
}
