namespace Gantry.Model.Patterns;

/// <summary>
/// The patterns of a .dockerignore file: a path matches if the last pattern that fits it or a directory above it has no
/// exclamation mark.
/// </summary>
/// <remarks>Source: moby/patternmatcher; for what a walk leaves out, tonistiigi/fsutil filter.go. Safe for any number of threads.</remarks>
public sealed class PatternMatcher
{
    private readonly List<PathPattern> _patterns = [];
    private readonly List<string?> _exceptions;
    private readonly List<string?> _inclusions;

    private PatternMatcher(IEnumerable<string> patterns)
    {
        foreach (var text in patterns)
        {
            if (PathPattern.Parse(text) is { } pattern)
                _patterns.Add(pattern);
        }
        _exceptions = [.. _patterns.Where(static p => p.IsException).Select(static p => p.LiteralPrefix)];
        _inclusions = [.. _patterns.Where(static p => !p.IsException).Select(static p => p.LiteralPrefix)];
    }

    /// <summary>Whether there are patterns with an exclamation mark.</summary>
    public bool HasExceptions => _exceptions.Count > 0;

    /// <summary>Whether there are no patterns.</summary>
    public bool IsEmpty => _patterns.Count == 0;

    /// <summary>Reads patterns; empty ones say nothing.</summary>
    /// <exception cref="GantryException">Invalid: one is malformed.</exception>
    public static PatternMatcher Parse(IEnumerable<string> patterns) => new(patterns);

    /// <summary>Whether a path, or a directory above it, matches.</summary>
    /// <param name="path">From the tree's root, without a slash before or behind it.</param>
    /// <exception cref="GantryException">Invalid: a pattern turns out to be malformed.</exception>
    public bool Matches(string path) => Match(path, default).IsMatch;

    /// <summary>The same in a walk, where what matched the directory is known: each pattern is tried on this path alone.</summary>
    /// <param name="path">From the tree's root, without a slash before or behind it.</param>
    /// <param name="parent">What came back for the directory; the default value for what lies in the root.</param>
    /// <exception cref="GantryException">Invalid: a pattern turns out to be malformed.</exception>
    public PathMatch Match(string path, PathMatch parent)
    {
        var matched = false;
        var patterns = new bool[_patterns.Count];
        for (var i = 0; i < _patterns.Count; i++)
        {
            var pattern = _patterns[i];
            var fits = parent.Patterns is { } above && above[i];
            if (!fits)
            {
                // It could change nothing; so it is not noted either, and below it may yet.
                if (pattern.IsException != matched)
                    continue;
                fits = pattern.Matches(path) || (parent.Patterns is null && MatchesAbove(pattern, path));
            }
            patterns[i] = fits;
            if (fits)
                matched = !pattern.IsException;
        }
        return new(matched, patterns);
    }

    /// <summary>Whether a path matches where directories above it do not count.</summary>
    /// <exception cref="GantryException">Invalid: a pattern turns out to be malformed.</exception>
    public bool MatchesExactly(string path)
    {
        var matched = false;
        foreach (var pattern in _patterns)
        {
            if (pattern.IsException == matched && pattern.Matches(path))
                matched = !pattern.IsException;
        }
        return matched;
    }

    /// <summary>Whether something beneath a directory that matches may be taken back in: then it has to be walked.</summary>
    public bool MayHoldException(string directory) => MayHold(_exceptions, directory);

    /// <summary>Whether something beneath a directory that does not match may match.</summary>
    public bool MayHoldMatch(string directory) => MayHold(_inclusions, directory);

    // A pattern that does not begin with plain words may fit anywhere.
    private static bool MayHold(List<string?> prefixes, string directory) =>
        prefixes.Exists(p => p is null || (p + "/").StartsWith(directory + "/", StringComparison.Ordinal));

    private static bool MatchesAbove(PathPattern pattern, string path)
    {
        var directory = GoPath.DirectoryOf(path);
        if (directory == ".")
            return false;
        for (var end = 0; end < directory.Length; end++)
        {
            end = directory.IndexOf('/', end);
            if (end < 0)
                break;
            if (pattern.Matches(directory.AsSpan(0, end)))
                return true;
        }
        return pattern.Matches(directory);
    }
}
