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

    /// <summary>Bytes of its layers that no image has.</summary>
    public long SizeBytes { get; init; }
}
