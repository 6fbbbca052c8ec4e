namespace Gantry.Build;

/// <summary>Cuts a joined line into keyword, flags and arguments, each instruction in its way.</summary>
internal static class StatementParser
{
    /// <summary>Reads one instruction; one that nobody knows has no arguments, and is refused later.</summary>
    /// <exception cref="Model.GantryException">Invalid: the arguments cannot be cut.</exception>
    public static Statement Parse(string line, char escape)
    {
        var source = line.Trim();
        var (keyword, behind) = StatementWords.SplitOnce(source) ?? (source, string.Empty);
        var (flags, rest) = StatementFlags.Split(behind, escape);
        rest = rest.Trim();
        var statement = new Statement { Keyword = keyword, Name = keyword.ToLowerInvariant(), Source = source, Flags = flags, Arguments = [] };
        return statement.Name switch
        {
            "add" or "copy" or "volume" => WithJson(statement, rest, StatementWords.Split(rest)),
            "cmd" or "entrypoint" or "run" or "shell" => WithJson(statement, rest, rest.Length > 0 ? [rest] : []),
            "healthcheck" => Healthcheck(statement, rest),
            "env" or "label" => Pairs(statement, rest, escape),
            "arg" => statement with { Arguments = StatementWords.SplitQuoted(rest, escape) },
            "expose" or "from" => statement with { Arguments = StatementWords.Split(rest) },
            "maintainer" or "stopsignal" or "user" or "workdir" => statement with { Arguments = rest.Length > 0 ? [rest] : [] },
            "onbuild" => Onbuild(statement, rest, escape),
            _ => statement,
        };
    }

    private static Statement WithJson(Statement statement, string rest, List<string> shell) => JsonWords.Find(rest) is { } words
        ? statement with { Arguments = words, IsJson = true }
        : statement with { Arguments = shell };

    // The first word is the kind of check, the rest a command.
    private static Statement Healthcheck(Statement statement, string rest)
    {
        if (rest.Length == 0)
            return statement;
        var end = rest.AsSpan().IndexOfAny(" \t\v\f\r");
        var kind = end < 0 ? rest : rest[..end];
        var command = end < 0 ? string.Empty : rest[end..].TrimStart();
        var parsed = WithJson(statement, command, command.Length > 0 ? [command] : []);
        return parsed with { Arguments = [kind, .. parsed.Arguments] };
    }

    // name=value …, or as was usual once: name, white space, and the rest of the line.
    private static Statement Pairs(Statement statement, string rest, char escape)
    {
        var words = StatementWords.SplitQuoted(rest, escape);
        if (words.Count == 0)
            return statement;
        if (!words[0].Contains('=', StringComparison.Ordinal))
        {
            var (name, value) = StatementWords.SplitOnce(rest) ?? throw SyntaxFailure.Of($"{statement.Name.ToUpperInvariant()} must have two arguments");
            return statement with { Arguments = [name, value], IsLegacy = true };
        }
        var arguments = new List<string>(words.Count * 2);
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw SyntaxFailure.Of($"Syntax error - can't find = in {Model.GoText.Quote(word)}. Must be of the form: name=value");
            arguments.Add(word[..equals]);
            arguments.Add(word[(equals + 1)..]);
        }
        return statement with { Arguments = arguments };
    }

    // What is in it is read too: here-documents and errors are its own. An ONBUILD in an ONBUILD is refused later, so it is not.
    private static Statement Onbuild(Statement statement, string rest, char escape)
    {
        if (rest.Length == 0)
            return statement;
        var name = (StatementWords.SplitOnce(rest) ?? (rest, string.Empty)).First;
        if (name.Equals("onbuild", StringComparison.OrdinalIgnoreCase))
            return statement with { Arguments = [name] };
        var trigger = Parse(rest, escape);
        return statement with { Arguments = [trigger.Keyword, .. trigger.Arguments], Trigger = trigger };
    }
}
