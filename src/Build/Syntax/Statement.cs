namespace Gantry.Build;

/// <summary>One instruction cut into its parts, before anybody asks what they mean.</summary>
internal sealed record Statement
{
    /// <summary>As it was written.</summary>
    public required string Keyword { get; init; }

    /// <summary>In lower case.</summary>
    public required string Name { get; init; }

    public required string Source { get; init; }

    /// <summary>What begins with <c>--</c>, quotes taken away.</summary>
    public required IReadOnlyList<string> Flags { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Whether the arguments were a JSON array.</summary>
    public bool IsJson { get; init; }

    /// <summary>ENV, LABEL: the pairs are written with a space in between, as was usual once.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>ONBUILD: the instruction in it.</summary>
    public Statement? Trigger { get; init; }

    public IReadOnlyList<Heredoc> Heredocs { get; init; } = [];

    public SourceLines Lines { get; init; }

    public IReadOnlyList<string> Comments { get; init; } = [];

    /// <summary>Whether here-documents may follow.</summary>
    public bool TakesHeredocs => (Name == "onbuild" && Trigger is not null ? Trigger : this) is { Name: "add" or "copy" or "run", IsJson: false };
}
