namespace Gantry.Build;

/// <summary>The rules whose breach is seen in a file's syntax.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/instructions/parse.go and dockerfile2llb/validations.go.</remarks>
internal static class SyntaxLint
{
    /// <summary>FROM: the case of its words.</summary>
    public static void CheckFrom(Statement from, LintReport report)
    {
        if (from.Arguments is not [_, var @as, ..])
            return;
        if (from.Arguments is [_, _, var name] && !IsLower(name))
            report.Add(LintRules.StageNameCasing, LintMessages.StageNameCasing(name), from.Lines, from.Comments);
        if (from.Arguments.Count > 2 && IsOneCase(from.Keyword) && !(IsLower(from.Keyword) ? IsLower(@as) : IsUpper(@as)))
            report.Add(LintRules.FromAsCasing, LintMessages.FromAsCasing(from.Keyword, @as), from.Lines, from.Comments);
    }

    /// <summary>ARG and FROM: the comment above says of what it speaks.</summary>
    public static void CheckDescription(string instruction, IReadOnlyList<string> names, Statement statement, LintReport report)
    {
        if (statement.Comments.Count == 0 || names.Count == 0 || names.Contains(statement.Comments[^1].Split(' ')[0]))
            return;
        var message = LintMessages.InvalidDefinitionDescription(instruction, names.Count > 1 ? "<arg_key>" : names[0]);
        report.Add(LintRules.InvalidDefinitionDescription, message, statement.Lines, statement.Comments);
    }

    /// <summary>Names that are reserved, or there twice.</summary>
    public static void CheckStageNames(IReadOnlyList<Stage> stages, LintReport report)
    {
        var seen = new HashSet<string>();
        foreach (var stage in stages)
        {
            if (stage.Name is not { } name)
                continue;
            if (name is "context" or "scratch")
                report.Add(LintRules.ReservedStageName, LintMessages.ReservedStageName(name), stage);
            if (!seen.Add(name))
                report.Add(LintRules.DuplicateStageName, LintMessages.DuplicateStageName(name), stage);
        }
    }

    /// <summary>Instructions are written as most of them are.</summary>
    public static void CheckKeywords(IReadOnlyList<Stage> stages, LintReport report)
    {
        var words = stages.SelectMany(static stage =>
            stage.Instructions.Select(static instruction => (instruction.Keyword, instruction.Lines, instruction.Comments)).Prepend((stage.Keyword, stage.Lines, stage.Comments))).ToList();
        var lower = words.Count(static word => IsLower(word.Keyword));
        var mostAreLower = lower > words.Count(static word => IsOneCase(word.Keyword)) - lower;
        foreach (var (keyword, lines, comments) in words)
        {
            if (!(mostAreLower ? IsLower(keyword) : IsUpper(keyword)))
                report.Add(LintRules.ConsistentInstructionCasing, LintMessages.ConsistentInstructionCasing(keyword, mostAreLower), lines, comments);
        }
    }

    private static bool IsLower(string word) => !word.Any(char.IsUpper);

    private static bool IsUpper(string word) => !word.Any(char.IsLower);

    private static bool IsOneCase(string word) => IsLower(word) || IsUpper(word);
}
