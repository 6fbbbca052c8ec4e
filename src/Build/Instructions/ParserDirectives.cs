namespace Gantry.Build;

/// <summary>The comments at a Dockerfile's top that say how it is read.</summary>
public sealed record ParserDirectives
{
    /// <summary><c># syntax=</c>: the frontend's image and its arguments; null: none. Where it was: <see cref="SyntaxLines"/>.</summary>
    public string? Syntax { get; init; }

    public SourceLines SyntaxLines { get; init; }

    /// <summary><c># escape=</c>: a backslash or a backtick.</summary>
    public char Escape { get; init; } = '\\';

    /// <summary><c># check=</c>, as it was written; null: none.</summary>
    public string? Check { get; init; }
}
