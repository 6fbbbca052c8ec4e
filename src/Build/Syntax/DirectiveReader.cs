namespace Gantry.Build;

/// <summary>Reads parser directives: comments of the form <c># name=value</c> before anything else.</summary>
/// <param name="comment">What a comment begins with; empty: the lines are comments' texts.</param>
/// <remarks>Source: moby/buildkit frontend/dockerfile/parser/directives.go.</remarks>
internal sealed class DirectiveReader(string comment = "#")
{
    private readonly HashSet<string> _seen = [];
    private bool _done;

    /// <summary>Reads the next line.</summary>
    /// <returns>The name in lower case, and the value; null: the line is no directive, and none can follow.</returns>
    /// <exception cref="Model.GantryException">Invalid: a directive is there twice.</exception>
    public (string Name, string Value)? Read(string line)
    {
        if (_done)
            return null;
        if (Split(line) is not { } directive)
        {
            _done = true;
            return null;
        }
        return _seen.Add(directive.Name) ? directive : throw SyntaxFailure.Of($"only one {directive.Name} parser directive can be used");
    }

    private (string Name, string Value)? Split(string line)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        if (!line.StartsWith(comment, StringComparison.Ordinal) || equals < comment.Length)
            return null;
        var name = line[comment.Length..equals].TrimStart().TrimEnd('\t', '\n', '\f', '\r', ' ').ToLowerInvariant();
        var value = line[(equals + 1)..].Trim('\t', '\n', '\f', '\r', ' ');
        return name is "syntax" or "escape" or "check" && value.Length > 0 ? (name, value) : null;
    }
}
