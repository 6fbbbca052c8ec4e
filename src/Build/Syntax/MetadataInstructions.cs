namespace Gantry.Build;

/// <summary>Reads the instructions that only say something about the image.</summary>
internal static class MetadataInstructions
{
    public static ArgInstruction Arg(Statement statement)
    {
        // NOTE: ARG looks at no flags, as BuildKit's does not.
        InstructionReader.EnsureSome(statement);
        return new()
        {
            Keyword = statement.Keyword,
            Source = statement.Source,
            Lines = statement.Lines,
            Comments = statement.Comments,
            Arguments = [.. statement.Arguments.Select(word => Argument(word, statement.Comments))],
        };
    }

    public static EnvInstruction Env(Statement statement) => new()
    {
        Keyword = statement.Keyword,
        Source = statement.Source,
        Lines = statement.Lines,
        Comments = statement.Comments,
        Variables = Pairs(statement),
    };

    public static LabelInstruction Label(Statement statement) => new()
    {
        Keyword = statement.Keyword,
        Source = statement.Source,
        Lines = statement.Lines,
        Comments = statement.Comments,
        Labels = Pairs(statement),
    };

    public static ExposeInstruction Expose(Statement statement)
    {
        InstructionReader.EnsureSome(statement);
        InstructionReader.EnsureNoFlags(statement);
        return new()
        {
            Keyword = statement.Keyword,
            Source = statement.Source,
            Lines = statement.Lines,
            Comments = statement.Comments,
            Ports = [.. statement.Arguments.Order(StringComparer.Ordinal)],
        };
    }

    public static VolumeInstruction Volume(Statement statement)
    {
        InstructionReader.EnsureSome(statement);
        InstructionReader.EnsureNoFlags(statement);
        var paths = statement.Arguments.Select(static path => path.Trim()).ToList();
        if (paths.Contains(string.Empty))
            throw SyntaxFailure.Of("VOLUME specified can not be an empty string");
        return new() { Keyword = statement.Keyword, Source = statement.Source, Lines = statement.Lines, Comments = statement.Comments, Paths = paths };
    }

    public static MaintainerInstruction Maintainer(Statement statement) => new()
    {
        Keyword = statement.Keyword,
        Source = statement.Source,
        Lines = statement.Lines,
        Comments = statement.Comments,
        Maintainer = OnlyWord(statement),
    };

    public static UserInstruction User(Statement statement) => new()
    {
        Keyword = statement.Keyword,
        Source = statement.Source,
        Lines = statement.Lines,
        Comments = statement.Comments,
        User = OnlyWord(statement),
    };

    public static WorkdirInstruction Workdir(Statement statement) => new()
    {
        Keyword = statement.Keyword,
        Source = statement.Source,
        Lines = statement.Lines,
        Comments = statement.Comments,
        Path = OnlyWord(statement),
    };

    public static StopsignalInstruction Stopsignal(Statement statement)
    {
        InstructionReader.EnsureOne(statement);
        return new() { Keyword = statement.Keyword, Source = statement.Source, Lines = statement.Lines, Comments = statement.Comments, Signal = statement.Arguments[0] };
    }

    private static string OnlyWord(Statement statement)
    {
        InstructionReader.EnsureOne(statement);
        InstructionReader.EnsureNoFlags(statement);
        return statement.Arguments[0];
    }

    private static Assignment Argument(string word, IReadOnlyList<string> comments)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        if (name.Length == 0)
            throw SyntaxFailure.Of("ARG names can not be blank");
        return new() { Name = name, Value = equals < 0 ? null : word[(equals + 1)..], Comment = InstructionReader.FindDescription(comments, name) };
    }

    private static IReadOnlyList<Assignment> Pairs(Statement statement)
    {
        InstructionReader.EnsureNoFlags(statement);
        InstructionReader.EnsureSome(statement);
        var pairs = statement.Arguments.Chunk(2).Select(pair => new Assignment { Name = pair[0], Value = pair[1], IsLegacy = statement.IsLegacy }).ToList();
        return pairs.TrueForAll(static pair => pair.Name.Length > 0) ? pairs : throw SyntaxFailure.Of($"{statement.Name.ToUpperInvariant()} names can not be blank");
    }
}
