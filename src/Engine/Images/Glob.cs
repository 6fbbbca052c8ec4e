namespace Gantry.Engine.Images;

/// <summary>Go's <c>path.Match</c>: * and ? do not match a slash, [a-z] is a class, \ takes a character as it is.</summary>
internal static class Glob
{
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // The last star, and how far the text was then: on a mismatch the star takes one character more.
        int star = -1, mark = 0, p = 0, t = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, text[t]))
            {
                t++;
            }
            else if (star >= 0 && text[mark] != '/')
            {
                t = ++mark;
                p = star + 1;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        switch (pattern[p])
        {
            case '?':
                p++;
                return c != '/';
            case '[':
                return MatchesClass(pattern, ref p, c);
            case '\\' when p + 1 < pattern.Length:
                p += 2;
                return pattern[p - 1] == c;
            default:
                return pattern[p++] == c;
        }
    }

    private static bool MatchesClass(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        var at = p + 1;
        var negated = at < pattern.Length && pattern[at] == '^';
        if (negated)
            at++;
        var matched = false;
        var first = true;
        while (at < pattern.Length && (pattern[at] != ']' || first))
        {
            first = false;
            var low = pattern[at++];
            var high = low;
            if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
            {
                high = pattern[at + 1];
                at += 2;
            }

            matched |= c >= low && c <= high;
        }

        p = at + 1;
        return at < pattern.Length && matched != negated;
    }
}
