using System.Text;

namespace Gantry.Model.Patterns;

/// <summary>One line of a .dockerignore file.</summary>
/// <remarks>Source: moby/patternmatcher, Pattern.compile and match.</remarks>
internal sealed class PathPattern
{
    private readonly Shape _shape;
    private readonly PatternExpression? _expression;

    private PathPattern(string text, bool isException)
    {
        Text = text;
        IsException = isException;
        (_shape, var expression) = Translate(text);
        if (_shape == Shape.Expression)
            _expression = PatternExpression.TryParse(expression);
    }

    private enum Shape
    {
        Exact,
        Prefix,
        Suffix,
        Expression,
    }

    /// <summary>Cleaned, without the exclamation mark.</summary>
    public string Text { get; }

    /// <summary>With an exclamation mark: what it matches is taken back in.</summary>
    public bool IsException { get; }

    /// <summary>What all that it matches begins with, when nothing but a star or two at the end has a meaning; null: something has.</summary>
    public string? LiteralPrefix
    {
        get
        {
            var text = Cut(Cut(Text, "/**"), "/*");
            return text.AsSpan().ContainsAny("*[]?^\\") ? null : text;
        }
    }

    /// <summary>Reads one; null: the line says nothing.</summary>
    /// <exception cref="GantryException">Invalid: it is malformed.</exception>
    public static PathPattern? Parse(string line)
    {
        var text = line.Trim();
        if (text.Length == 0)
            return null;
        text = GoPath.Clean(text);
        var isException = text[0] == '!';
        if (isException && text.Length == 1)
            throw GantryException.Of(ErrorKind.Invalid, "illegal exclusion pattern: \"!\"");
        if (isException)
            text = text[1..];
        _ = Wildcard.Parse(text);
        return new(text, isException);
    }

    /// <summary>Whether a path as a whole matches.</summary>
    /// <exception cref="GantryException">Invalid: what is in brackets or behind a backslash is malformed.</exception>
    public bool Matches(ReadOnlySpan<char> path) => _shape switch
    {
        Shape.Exact => path.SequenceEqual(Text),
        Shape.Prefix => path.StartsWith(Text.AsSpan(0, Text.Length - 2)),
        Shape.Suffix => path.EndsWith(Text.AsSpan(2)) || (Text[2] == '/' && path.SequenceEqual(Text.AsSpan(3))),
        _ => _expression is null ? throw Wildcard.Malformed() : _expression.Matches(path.ToString()),
    };

    private static string Cut(string text, string end) => text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : text;

    // A text in Go's syntax, because brackets and backslashes mean what they mean there, whatever has been put between them.
    private static (Shape Shape, string Expression) Translate(string text)
    {
        var shape = Shape.Exact;
        var expression = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '*' && i + 1 < text.Length && text[i + 1] == '*')
            {
                var isFirst = i == 0;
                i++;
                if (i + 1 < text.Length && text[i + 1] == '/')
                    i++;
                var isLast = i + 1 == text.Length;
                expression.Append(isLast ? ".*" : "(.*/)?");
                shape = isFirst ? Shape.Suffix : isLast && shape == Shape.Exact ? Shape.Prefix : Shape.Expression;
            }
            else if (c is '*' or '?')
            {
                expression.Append(c == '*' ? "[^/]*" : "[^/]");
                shape = Shape.Expression;
            }
            else if (c == '\\' && i + 1 < text.Length)
            {
                expression.Append(c).Append(text[++i]);
                shape = Shape.Expression;
            }
            else
            {
                if (".+()|{}$".Contains(c, StringComparison.Ordinal))
                    expression.Append('\\');
                else if (c is '[' or ']')
                    shape = Shape.Expression;
                expression.Append(c);
            }
        }
        return (shape, expression.ToString());
    }
}
