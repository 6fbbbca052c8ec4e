using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerCPUStats</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerCPUStats.</remarks>
public sealed record ContainerCPUStats
{
    [JsonPropertyName("cpu_usage")]
    public ContainerCPUUsage? Usage { get; init; }

    /// <summary>Of the whole machine, in nanoseconds, idle time included.</summary>
    [JsonPropertyName("system_cpu_usage")]
    public long? SystemUsage { get; init; }

    [JsonPropertyName("online_cpus")]
    public long? OnlineCpus { get; init; }

    [JsonPropertyName("throttling_data")]
    public ContainerThrottlingData? Throttling { get; init; }
}
