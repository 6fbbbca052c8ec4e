namespace Gantry.Engine.History;

/// <summary>What is known of a build whose log is kept.</summary>
public sealed record BuildRecord
{
    public required string Id { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Null: it runs, or the engine died with it.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary><c>running</c>, <c>built</c>, <c>failed</c> or <c>canceled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The names that were asked for.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
