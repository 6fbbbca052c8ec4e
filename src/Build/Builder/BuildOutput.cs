namespace Gantry.Build;

/// <summary>One place that a result goes to.</summary>
public sealed record BuildOutput
{
    public required BuildOutputKind Kind { get; init; }

    /// <summary>Names that the image gets.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Push it under its names.</summary>
    public bool Push { get; init; }

    /// <summary>Which of the session's exporters gets the files; null: the only one.</summary>
    public string? ExporterId { get; init; }

    /// <summary>Further attributes, as the client gave them.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();
}
