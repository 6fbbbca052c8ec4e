namespace Gantry.Build;

/// <summary>A here-document.</summary>
public sealed record Heredoc
{
    /// <summary>The delimiter: the name of the file that it becomes.</summary>
    public required string Name { get; init; }

    /// <summary>The text; <c>&lt;&lt;-</c> has been applied.</summary>
    public required string Content { get; init; }

    /// <summary>The text as the file has it, leading tabs and all.</summary>
    public string Original { get; init; } = string.Empty;

    /// <summary>Whether variables in it are expanded: the delimiter was not quoted.</summary>
    public required bool Expands { get; init; }

    /// <summary>The number before it, as in <c>3&lt;&lt;EOF</c>.</summary>
    public int FileDescriptor { get; init; }

    /// <summary>Whether leading tabs were cut: <c>&lt;&lt;-</c>.</summary>
    public bool Chomps { get; init; }
}
