namespace Gantry.Build;

/// <summary>Replaces variables in one instruction's words, and reports those that nobody set.</summary>
internal sealed class StageWords(StageState stage, Instruction instruction, CompileContext context)
{
    // The text of here-documents is no shell's: quotes mean nothing in it, and the escape character is always the backslash.
    private static readonly Expander _documents = new() { IgnoresQuotes = true };

    /// <summary>A word with its variables replaced and its quotes taken away.</summary>
    /// <exception cref="Model.GantryException">Invalid: it cannot be read.</exception>
    public string Expand(string word) => Read(context.Expander, word).Text;

    /// <inheritdoc cref="Expand"/>
    public string? ExpandOrNull(string? word) => word is null ? null : Expand(word);

    /// <summary>The words that a word becomes.</summary>
    /// <exception cref="Model.GantryException">Invalid: it cannot be read.</exception>
    public IReadOnlyList<string> Split(string word) => Read(context.Expander, word).Words;

    /// <summary>A here-document's text.</summary>
    /// <exception cref="Model.GantryException">Invalid: it cannot be read.</exception>
    public string ExpandDocument(Heredoc heredoc) => heredoc.Expands ? Read(_documents, heredoc.Content).Text : heredoc.Content;

    private Expansion Read(Expander expander, string word)
    {
        var read = expander.Expand(word, stage.Variables.Find);
        foreach (var name in read.Unmatched.Order(StringComparer.Ordinal))
        {
            if (!GlobalArguments.IsHidden(name) && !stage.Arguments.Exists(argument => argument.Name == name))
                context.Report.Add(LintRules.UndefinedVar, LintMessages.UndefinedVar(name, stage.Variables.Names), instruction);
        }
        return read;
    }
}
