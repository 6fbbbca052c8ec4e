namespace Gantry.Build;

/// <summary>One stage: a FROM and what follows it.</summary>
public sealed record Stage
{
    /// <summary>FROM as it was written, or <c>from</c>.</summary>
    public required string Keyword { get; init; }

    /// <summary>The instruction as one line, as it was written.</summary>
    public required string Source { get; init; }

    public required SourceLines Lines { get; init; }

    /// <summary>The image or stage it begins with, unexpanded.</summary>
    public required string Base { get; init; }

    /// <summary>Lower case, as stages are found by; null: it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The name as it was written.</summary>
    public string? OriginalName { get; init; }

    /// <summary><c>--platform</c>, unexpanded; null: not given.</summary>
    public string? Platform { get; init; }

    /// <summary>The comment above that describes it; null: none.</summary>
    public string? Comment { get; init; }

    /// <summary>The comments directly above; empty: none.</summary>
    public IReadOnlyList<string> Comments { get; init; } = [];

    public required IReadOnlyList<Instruction> Instructions { get; init; }
}
