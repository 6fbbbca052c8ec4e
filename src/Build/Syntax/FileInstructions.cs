namespace Gantry.Build;

/// <summary>Reads ADD and COPY.</summary>
internal static class FileInstructions
{
    public static CopyInstruction Read(Statement statement)
    {
        var keyword = statement.Name.ToUpperInvariant();
        if (statement.Arguments.Count < 2)
            throw SyntaxFailure.Of($"{keyword} requires at least two arguments, but only one was provided. Destination could not be determined");
        var isAdd = statement.Name == "add";
        var flags = isAdd
            ? new InstructionFlags(statement, texts: ["chown", "chmod", "checksum"], lists: ["exclude"], switches: ["link", "keep-git-dir", "unpack"])
            : new InstructionFlags(statement, texts: ["chown", "from", "chmod"], lists: ["exclude"], switches: ["link", "parents"]);
        if (HeredocReader.TryFind(statement.Arguments[^1]) is not null)
            throw SyntaxFailure.Of($"{keyword} cannot accept a heredoc as a destination");
        var sources = new List<string>();
        var heredocs = new List<Heredoc>();
        foreach (var source in statement.Arguments.SkipLast(1))
        {
            if (HeredocReader.TryFind(source) is { } heredoc)
                heredocs.Add(WithText(heredoc, statement));
            else
                sources.Add(source);
        }
        return new()
        {
            Keyword = statement.Keyword,
            Source = statement.Source,
            Lines = statement.Lines,
            Comments = statement.Comments,
            IsAdd = isAdd,
            Sources = sources,
            Heredocs = heredocs,
            Destination = statement.Arguments[^1],
            From = flags.Find("from"),
            Owner = flags.Find("chown"),
            Mode = flags.Find("chmod"),
            Link = flags.Switch("link") ?? false,
            Parents = flags.Switch("parents") ?? false,
            Excludes = flags.List("exclude"),
            Checksum = flags.Find("checksum"),
            KeepGitDirectory = flags.Switch("keep-git-dir"),
            Unpack = flags.Switch("unpack"),
        };
    }

    // Of two documents with one name, the later one's text is both's. In a JSON array there are none, and their files are empty.
    private static Heredoc WithText(Heredoc heredoc, Statement statement)
    {
        var read = statement.Heredocs.LastOrDefault(candidate => candidate.Name == heredoc.Name);
        return read is null ? heredoc : heredoc with { Content = read.Content, Original = read.Original };
    }
}
