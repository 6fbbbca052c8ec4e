using Gantry.Model;

namespace Gantry.Build;

/// <summary>Makes typed instructions of statements.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/instructions/parse.go, whose order of checks and words this keeps.</remarks>
internal static class InstructionReader
{
    private static readonly string[] _names =
    [
        "add", "arg", "cmd", "copy", "entrypoint", "env", "expose", "from", "healthcheck", "label", "maintainer", "onbuild", "run", "shell", "stopsignal", "user",
        "volume", "workdir",
    ];

    /// <summary>Any instruction but FROM.</summary>
    /// <exception cref="GantryException">Invalid: the instruction is unknown or says what it cannot.</exception>
    public static Instruction Read(Statement statement) => statement.Name switch
    {
        "add" or "copy" => FileInstructions.Read(statement),
        "arg" => MetadataInstructions.Arg(statement),
        "cmd" => CommandInstructions.Cmd(statement),
        "entrypoint" => CommandInstructions.Entrypoint(statement),
        "env" => MetadataInstructions.Env(statement),
        "expose" => MetadataInstructions.Expose(statement),
        "healthcheck" => HealthcheckReader.Read(statement),
        "label" => MetadataInstructions.Label(statement),
        "maintainer" => MetadataInstructions.Maintainer(statement),
        "onbuild" => CommandInstructions.Onbuild(statement),
        "run" => CommandInstructions.Run(statement),
        "shell" => CommandInstructions.Shell(statement),
        "stopsignal" => MetadataInstructions.Stopsignal(statement),
        "user" => MetadataInstructions.User(statement),
        "volume" => MetadataInstructions.Volume(statement),
        "workdir" => MetadataInstructions.Workdir(statement),
        _ => throw SyntaxFailure.Of($"unknown instruction: {statement.Keyword}{Suggestion.ForAnyCase(statement.Keyword, _names)}"),
    };

    /// <summary>FROM, as a stage without instructions.</summary>
    /// <exception cref="GantryException">Invalid: it has other than one or three words, or a name that none may have.</exception>
    public static Stage ReadStage(Statement from)
    {
        string? name = null;
        if (from.Arguments is [_, var @as, var given] && @as.Equals("as", StringComparison.OrdinalIgnoreCase))
        {
            name = given.ToLowerInvariant();
            if (!IsStageName(name))
                throw SyntaxFailure.Of($"invalid name for build stage: {GoText.Quote(given)}, name can't start with a number or contain symbols");
        }
        else if (from.Arguments.Count != 1)
        {
            throw SyntaxFailure.Of("FROM requires either one or three arguments");
        }
        var flags = new InstructionFlags(from, texts: ["platform"]);
        return new()
        {
            Keyword = from.Keyword,
            Source = from.Source,
            Lines = from.Lines,
            Comments = from.Comments,
            Base = from.Arguments[0],
            Name = name,
            OriginalName = name is null ? null : from.Arguments[2],
            Platform = flags.Find("platform"),
            Comment = name is null ? null : FindDescription(from.Comments, name),
            Instructions = [],
        };
    }

    /// <summary>What comments say of a name: the text behind it; null: nothing.</summary>
    public static string? FindDescription(IReadOnlyList<string> comments, string name) =>
        comments.FirstOrDefault(comment => comment.StartsWith(name + " ", StringComparison.Ordinal))?[(name.Length + 1)..];

    public static void EnsureSome(Statement statement)
    {
        if (statement.Arguments.Count == 0)
            throw SyntaxFailure.Of($"{statement.Name.ToUpperInvariant()} requires at least one argument");
    }

    public static void EnsureOne(Statement statement)
    {
        if (statement.Arguments.Count != 1)
            throw SyntaxFailure.Of($"{statement.Name.ToUpperInvariant()} requires exactly one argument");
    }

    /// <summary>For instructions that know no flag.</summary>
    public static void EnsureNoFlags(Statement statement) => _ = new InstructionFlags(statement);

    private static bool IsStageName(string name) =>
        name.Length > 0 && char.IsAsciiLetterLower(name[0]) && name.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_' or '.');
}
