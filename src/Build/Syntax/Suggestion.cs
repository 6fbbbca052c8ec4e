using Gantry.Model;

namespace Gantry.Build;

/// <summary>Guesses what a mistyped word was meant to be.</summary>
/// <remarks>Source: moby/buildkit util/suggest.</remarks>
internal static class Suggestion
{
    private const int Limit = 3;

    /// <summary><c> (did you mean x?)</c>; empty: no known word is near, or the word is one of them.</summary>
    public static string For(string word, IReadOnlyList<string> known) => Find(word, known) is { } near ? $" (did you mean {near}?)" : string.Empty;

    /// <summary>The known word that is nearest; null: none is, or the word is known.</summary>
    public static string? Find(string word, IReadOnlyList<string> known) => known.Contains(word) ? null : Nearest.FindWithin(word, known, Limit);

    /// <summary>The same where upper and lower case are one: the answer is written in the word's case.</summary>
    public static string ForAnyCase(string word, IReadOnlyList<string> known)
    {
        var lower = word.ToLowerInvariant();
        return Find(lower, known) is not { } near ? string.Empty : $" (did you mean {(word.Any(char.IsUpper) && !word.Any(char.IsLower) ? near.ToUpperInvariant() : near)}?)";
    }
}
