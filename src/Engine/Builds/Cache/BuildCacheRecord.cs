namespace Gantry.Engine.Builds;

/// <summary>One tree that the build cache keeps.</summary>
public sealed record BuildCacheRecord
{
    /// <summary>What its layers are kept by.</summary>
    public required string Owner { get; init; }

    /// <summary>The step that made it.</summary>
    public required string Description { get; init; }

    /// <summary><c>regular</c>, <c>internal</c>, <c>exec.cachemount</c>; Source: BuildKit's UsageRecordType.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>How often it was found again.</summary>
    public required long Uses { get; init; }

    /// <summary>Bytes that are there for its sake alone: of its own layer, unless an image has that.</summary>
    public long SizeBytes { get; init; }

    /// <summary>How many layers it stands on: what it is made of goes after it.</summary>
    public int Depth { get; init; }

    /// <summary>The owner of the tree that it was made on; null: none that is kept.</summary>
    public string? Parent { get; init; }

    /// <summary>A build under way relies on it.</summary>
    public bool IsInUse { get; init; }
}
