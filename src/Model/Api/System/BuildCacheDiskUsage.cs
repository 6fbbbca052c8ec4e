namespace Gantry.Model.Api;

/// <summary>What the build cache takes on disk: a part of <c>GET /system/df</c>.</summary>
public sealed record BuildCacheDiskUsage
{
    public long? ActiveCount { get; init; }

    public long? TotalCount { get; init; }

    /// <summary>Bytes that a prune would free.</summary>
    public long? Reclaimable { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long? TotalSize { get; init; }

    public IReadOnlyList<BuildCacheResource>? Items { get; init; }
}
