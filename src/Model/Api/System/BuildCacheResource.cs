namespace Gantry.Model.Api;

/// <summary>Wire shape <c>BuildCache</c> of the Docker Engine API: one result that the build cache keeps.</summary>
/// <remarks>Source: Engine API 1.56, definition BuildCache.</remarks>
public sealed record BuildCacheResource
{
    public string? ID { get; init; }

    public IReadOnlyList<string>? Parents { get; init; }

    /// <summary><c>regular</c>, <c>internal</c>, <c>source.local</c>, <c>exec.cachemount</c>, …</summary>
    public string? Type { get; init; }

    public string? Description { get; init; }

    public bool? InUse { get; init; }

    /// <summary>Whether images have it as well, so that removing it frees nothing.</summary>
    public bool? Shared { get; init; }

    /// <summary>Bytes.</summary>
    public long? Size { get; init; }

    public string? CreatedAt { get; init; }

    public string? LastUsedAt { get; init; }

    public long? UsageCount { get; init; }
}
