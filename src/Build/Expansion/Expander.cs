using Gantry.Model;

namespace Gantry.Build;

/// <summary>
/// Replaces variables in texts and takes quotes away, as a shell does: <c>$v</c>, <c>${v}</c>, and <c>${v:-w}</c>, <c>${v-w}</c>,
/// <c>${v:+w}</c>, <c>${v+w}</c>, <c>${v:?w}</c>, <c>${v?w}</c>, <c>${v#p}</c>, <c>${v##p}</c>, <c>${v%p}</c>, <c>${v%%p}</c>,
/// <c>${v/p/r}</c>, <c>${v//p/r}</c>.
/// </summary>
/// <param name="escape">What takes the meaning of the character after it: the file's escape character.</param>
/// <remarks>Source: moby/buildkit frontend/dockerfile/shell/lex.go.</remarks>
public sealed class Expander(char escape = '\\')
{
    /// <summary>What takes the meaning of the character after it.</summary>
    public char Escape { get; } = escape;

    /// <summary>Quotes stay in the result.</summary>
    public bool KeepsQuotes { get; init; }

    /// <summary>Escape characters stay in the result.</summary>
    public bool KeepsEscapes { get; init; }

    /// <summary>Quotes are characters like others: for the text of here-documents.</summary>
    public bool IgnoresQuotes { get; init; }

    /// <summary>Variables that are not set stay as they were written.</summary>
    public bool KeepsUnset { get; init; }

    /// <summary>Replaces the variables of a text.</summary>
    /// <param name="find">A variable's value; null: it is not set.</param>
    /// <exception cref="GantryException">Invalid: a quote or brace is not closed, a form is unknown, or <c>${v:?w}</c> asks for one that is missing.</exception>
    public Expansion Expand(string text, Func<string, string?> find)
    {
        var reader = new ExpansionReader(text, this, find);
        try
        {
            var result = reader.ReadAll(out var words);
            return new() { Text = result, Words = words, Matched = reader.Matched, Unmatched = reader.Unmatched };
        }
        catch (GantryException failure)
        {
            throw GantryException.Of(failure.Kind, $"failed to process {GoText.Quote(text)}: {failure.Message}");
        }
    }
}
