using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Makes statements of lines: directives, comments, continuations, here-documents.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/parser/parser.go.</remarks>
internal sealed class StatementReader(SourceText source)
{
    private readonly DirectiveReader _directives = new();
    private readonly List<string> _comments = [];
    private readonly List<int> _emptyContinuations = [];

    /// <summary>What escapes and continues lines.</summary>
    public char Escape { get; private set; } = '\\';

    /// <summary>For each statement with empty lines in it, its last line before here-documents.</summary>
    public IReadOnlyList<int> EmptyContinuations => _emptyContinuations;

    /// <summary>Reads all statements.</summary>
    /// <exception cref="GantryException">Invalid: there is none, or one cannot be read; the cause has the lines.</exception>
    public IReadOnlyList<Statement> ReadAll()
    {
        var statements = new List<Statement>();
        while (source.Read() is { } line)
        {
            if (ReadInstruction(line) is { } statement)
                statements.Add(statement);
        }
        if (statements.Count == 0)
            throw SyntaxFailure.Of("file with no instructions", new(Math.Max(source.LineNumber, 1), Math.Max(source.LineNumber, 1)));
        source.EnsureComplete();
        return statements;
    }

    private Statement? ReadInstruction(string raw)
    {
        var first = source.LineNumber;
        var line = SourceText.TrimEnd(raw).TrimStart();
        var isDirective = ReadDirective(line);
        if (line.StartsWith('#'))
        {
            if (!isDirective)
                AddComment(raw);
            return null;
        }
        var continues = TrimContinuation(ref line);
        if (!continues && line.Length == 0)
            return null;
        var text = new StringBuilder(line);
        if (continues && ReadContinuation(text))
            _emptyContinuations.Add(source.LineNumber);
        var lines = new SourceLines(first, source.LineNumber);
        var statement = Located(lines, () => StatementParser.Parse(text.ToString(), Escape));
        var heredocs = statement.TakesHeredocs ? Located(lines, () => HeredocReader.FindIn(text.ToString())) : [];
        statement = statement with { Comments = [.. _comments], Heredocs = [.. heredocs.Select(heredoc => ReadHeredoc(heredoc, first))] };
        _comments.Clear();
        return statement with { Lines = new(first, source.LineNumber) };
    }

    private Heredoc ReadHeredoc(Heredoc heredoc, int first) =>
        HeredocReader.Read(heredoc, source) ?? throw SyntaxFailure.Of("unterminated heredoc", new(first, source.LineNumber));

    // Comments between continued lines are dropped, and so are empty lines: those with a warning.
    private bool ReadContinuation(StringBuilder text)
    {
        var hasEmpty = false;
        while (source.Read() is { } raw)
        {
            var line = SourceText.TrimEnd(raw);
            var start = line.AsSpan().TrimStart();
            if (start.IsEmpty)
                hasEmpty = true;
            if (start.IsEmpty || start[0] == '#')
                continue;
            var continues = TrimContinuation(ref line);
            text.Append(line);
            if (!continues)
                break;
        }
        return hasEmpty;
    }

    private bool ReadDirective(string line)
    {
        var lines = new SourceLines(source.LineNumber, source.LineNumber);
        if (Located(lines, () => _directives.Read(line)) is not { } directive)
            return false;
        if (directive.Name == "escape")
            Escape = directive.Value is "\\" or "`" ? directive.Value[0] : throw SyntaxFailure.Of($"invalid escape token '{directive.Value}' does not match ` or \\", lines);
        return true;
    }

    // An empty comment keeps those above it from the instruction below.
    private void AddComment(string raw)
    {
        var comment = raw[1..].Trim();
        if (comment.Length == 0)
            _comments.Clear();
        else
            _comments.Add(comment);
    }

    // The escape character at the end of a line, but for white space: unless another one is in front of it.
    private bool TrimContinuation(ref string line)
    {
        var end = line.TrimEnd(' ', '\t');
        if (!end.EndsWith(Escape) || (end.Length > 1 && end[^2] == Escape))
            return false;
        line = end[..^1];
        return true;
    }

    private static T Located<T>(SourceLines lines, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (GantryException failure) when (failure.InnerException is not DockerfileException)
        {
            throw SyntaxFailure.Of(failure.Message, lines);
        }
    }
}
