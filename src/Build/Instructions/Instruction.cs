namespace Gantry.Build;

/// <summary>One instruction of a stage. Its words are as they were written: variables are expanded when the graph is made.</summary>
public abstract record Instruction
{
    private protected Instruction()
    {
    }

    /// <summary>The instruction's name as it was written, as in <c>COPY</c> or <c>copy</c>.</summary>
    public required string Keyword { get; init; }

    /// <summary>The instruction as one line, continuations joined: what people are shown.</summary>
    public required string Source { get; init; }

    /// <summary>Its here-documents' lines included.</summary>
    public required SourceLines Lines { get; init; }

    /// <summary>The comments directly above; empty: none.</summary>
    public IReadOnlyList<string> Comments { get; init; } = [];
}
