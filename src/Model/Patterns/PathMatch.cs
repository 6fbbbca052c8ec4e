namespace Gantry.Model.Patterns;

/// <summary>What a directory matched, handed on to what is in it; the default value: nothing is known.</summary>
public readonly struct PathMatch
{
    internal PathMatch(bool isMatch, bool[] patterns)
    {
        IsMatch = isMatch;
        Patterns = patterns;
    }

    /// <summary>Whether the path matches.</summary>
    public bool IsMatch { get; }

    /// <summary>Which patterns the path or one above it matched; null: nothing is known.</summary>
    internal bool[]? Patterns { get; }
}
