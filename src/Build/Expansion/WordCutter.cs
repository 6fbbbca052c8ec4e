using System.Text;

namespace Gantry.Build;

/// <summary>Cuts a text into words as it is made: at white space that is neither quoted nor escaped.</summary>
internal sealed class WordCutter
{
    private readonly StringBuilder _word = new();
    private readonly List<string> _words = [];

    /// <summary>Characters that end a word where they are white space.</summary>
    public void Add(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune))
            EndWord();
        else
            _word.Append(rune.ToString());
    }

    /// <summary>The value of a variable: its white space ends words too.</summary>
    public void AddValue(string value)
    {
        foreach (var rune in value.EnumerateRunes())
            Add(rune);
    }

    /// <summary>What was quoted or escaped: part of the word, whatever it is.</summary>
    public void AddRaw(string text) => _word.Append(text);

    /// <summary>The words so far.</summary>
    public IReadOnlyList<string> Finish()
    {
        EndWord();
        return _words;
    }

    // Nothing in quotes is no word: BuildKit's lexer knows none that are empty.
    private void EndWord()
    {
        if (_word.Length == 0)
            return;
        _words.Add(_word.ToString());
        _word.Clear();
    }
}
