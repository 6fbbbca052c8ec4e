namespace Gantry.Build;

/// <summary>A text with its variables replaced.</summary>
public sealed record Expansion
{
    /// <summary>The text as one word: white space stays.</summary>
    public required string Text { get; init; }

    /// <summary>The text cut at white space, where it was neither quoted nor escaped.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>The variables that the text names and that were set.</summary>
    public required IReadOnlySet<string> Matched { get; init; }

    /// <summary>The variables that the text names and that were not set.</summary>
    public required IReadOnlySet<string> Unmatched { get; init; }
}
