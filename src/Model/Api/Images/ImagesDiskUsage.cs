namespace Gantry.Model.Api;

/// <summary>What images take on disk: a part of <c>GET /system/df</c>.</summary>
public sealed record ImagesDiskUsage
{
    public long? ActiveCount { get; init; }

    public long? TotalCount { get; init; }

    /// <summary>Bytes that a prune would free.</summary>
    public long? Reclaimable { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long? TotalSize { get; init; }

    /// <summary>The things themselves; only when asked for.</summary>
    public IReadOnlyList<ImageSummary>? Items { get; init; }
}
