namespace Gantry.Build;

/// <summary>A name and its value in ARG, ENV or LABEL, unexpanded.</summary>
public sealed record Assignment
{
    public required string Name { get; init; }

    /// <summary>Null: an ARG without a default.</summary>
    public required string? Value { get; init; }

    /// <summary>Whether it was written as <c>name value</c>. ENV and LABEL only.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>The comment that describes it; null: none. ARG only.</summary>
    public string? Comment { get; init; }
}
