using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerCPUUsage</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerCPUUsage.</remarks>
public sealed record ContainerCPUUsage
{
    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("total_usage")]
    public long? Total { get; init; }

    /// <summary>Nanoseconds; cgroup version 1 only.</summary>
    [JsonPropertyName("percpu_usage")]
    public IReadOnlyList<long>? PerCpu { get; init; }

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("usage_in_kernelmode")]
    public long? InKernelMode { get; init; }

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("usage_in_usermode")]
    public long? InUserMode { get; init; }
}
