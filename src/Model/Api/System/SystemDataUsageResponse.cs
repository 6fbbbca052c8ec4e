namespace Gantry.Model.Api;

/// <summary>Answer of <c>GET /system/df</c> with the per-kind summaries of API 1.52 and the lists of older versions.</summary>
/// <remarks>Source: Engine API 1.56, SystemDataUsageResponse. A kind that was not asked for is absent.</remarks>
public sealed record SystemDataUsageResponse
{
    public ContainersDiskUsage? ContainerUsage { get; init; }

    public ImagesDiskUsage? ImageUsage { get; init; }

    public VolumesDiskUsage? VolumeUsage { get; init; }

    public BuildCacheDiskUsage? BuildCacheUsage { get; init; }
}
