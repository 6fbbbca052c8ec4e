using System.Globalization;
using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Finds here-documents in an instruction, and reads their texts from the lines behind it.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/parser/parser.go.</remarks>
internal static class HeredocReader
{
    /// <summary>The here-documents that a line begins, without their texts, in order.</summary>
    /// <exception cref="GantryException">Invalid: a delimiter's quotes are not closed.</exception>
    public static IReadOnlyList<Heredoc> FindIn(string line)
    {
        if (!line.Contains("<<", StringComparison.Ordinal))
            return [];
        IReadOnlyList<string> words;
        try
        {
            words = new Expander { KeepsQuotes = true, KeepsEscapes = true, KeepsUnset = true }.Expand(line, static _ => null).Words;
        }
        catch (GantryException)
        {
            // The shell that reads the line will say what is wrong with it.
            return [];
        }
        return [.. words.Select(Find).OfType<Heredoc>()];
    }

    /// <summary>The here-document that a word begins, without its text; null: it begins none.</summary>
    /// <exception cref="GantryException">Invalid: the delimiter's quotes are not closed.</exception>
    public static Heredoc? Find(string word)
    {
        var digits = word.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0 || !word.AsSpan(digits).StartsWith("<<"))
            return null;
        var delimiter = word.AsSpan(digits + 2);
        var chomps = delimiter.StartsWith("-");
        delimiter = (chomps ? delimiter[1..] : delimiter).TrimStart("\t\n\f\r ");
        if (delimiter.IsEmpty || delimiter.Contains('<'))
            return null;
        var text = delimiter.ToString();
        var plain = new Expander { KeepsUnset = true }.Expand(text, static _ => null).Words;
        if (plain is not [var name])
            return null;
        // A delimiter whose quotes disappear was quoted somewhere: its document is taken as it is.
        var quoted = new Expander { KeepsUnset = true, KeepsQuotes = true }.Expand(text, static _ => null).Words;
        return new()
        {
            Name = name,
            Content = string.Empty,
            Expands = quoted is [var written] && CountQuotes(written) == CountQuotes(name),
            Chomps = chomps,
            FileDescriptor = int.TryParse(word.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) ? descriptor : digits == 0 ? 0 : int.MaxValue,
        };
    }

    /// <summary>The same as <see cref="Find"/>, where what cannot be read is no here-document.</summary>
    public static Heredoc? TryFind(string word)
    {
        try
        {
            return Find(word);
        }
        catch (GantryException)
        {
            return null;
        }
    }

    /// <summary>Reads a document's text, up to the line that ends it; null: none does.</summary>
    public static Heredoc? Read(Heredoc heredoc, SourceText source)
    {
        var text = new StringBuilder();
        while (source.Read() is { } line)
        {
            var end = SourceText.TrimEnd(line);
            if ((heredoc.Chomps ? end.TrimStart('\t') : end) == heredoc.Name)
                return heredoc with { Original = text.ToString(), Content = heredoc.Chomps ? Chomp(text.ToString()) : text.ToString() };
            text.Append(line);
        }
        return null;
    }

    private static string Chomp(string text) => string.Join('\n', text.Split('\n').Select(static line => line.TrimStart('\t')));

    private static int CountQuotes(string text) => text.Count(static character => character is '\'' or '"');
}
