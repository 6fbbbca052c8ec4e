namespace Gantry.Model.Patterns;

/// <summary>A set of code points.</summary>
internal sealed class RuneSet(IReadOnlyList<(int Low, int High)> ranges, bool isNegated = false, IReadOnlyList<RuneSet>? others = null)
{
    public static RuneSet NotSlash { get; } = new([('/', '/')], isNegated: true);

    /// <summary>What a full stop is in Go's expressions.</summary>
    public static RuneSet NotNewline { get; } = new([('\n', '\n')], isNegated: true);

    public static RuneSet Of(int rune) => new([(rune, rune)]);

    public bool Contains(int rune)
    {
        foreach (var (low, high) in ranges)
        {
            if (rune >= low && rune <= high)
                return !isNegated;
        }
        return isNegated != (others is not null && others.Any(o => o.Contains(rune)));
    }
}
