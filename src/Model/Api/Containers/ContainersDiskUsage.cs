namespace Gantry.Model.Api;

/// <summary>What containers take on disk: a part of <c>GET /system/df</c>.</summary>
public sealed record ContainersDiskUsage
{
    public long? ActiveCount { get; init; }

    public long? TotalCount { get; init; }

    /// <summary>Bytes that a prune would free.</summary>
    public long? Reclaimable { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long? TotalSize { get; init; }

    /// <summary>The things themselves; only when asked for.</summary>
    public IReadOnlyList<ContainerSummary>? Items { get; init; }
}
