using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerStatsResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerStatsResponse.</remarks>
public sealed record ContainerStatsResponse
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("os_type")]
    public string? OsType { get; init; }

    /// <summary>When it was taken; Go's zero time for a container without a process.</summary>
    [JsonPropertyName("read")]
    public string? Read { get; init; }

    /// <summary>When the sample before was taken.</summary>
    [JsonPropertyName("preread")]
    public string? PreRead { get; init; }

    [JsonPropertyName("pids_stats")]
    public ContainerPidsStats? Pids { get; init; }

    [JsonPropertyName("blkio_stats")]
    public ContainerBlkioStats? Blkio { get; init; }

    /// <summary>Zero on Linux.</summary>
    [JsonPropertyName("num_procs")]
    public long? Processors { get; init; }

    [JsonPropertyName("storage_stats")]
    public ContainerStorageStats? Storage { get; init; }

    [JsonPropertyName("cpu_stats")]
    public ContainerCPUStats? Cpu { get; init; }

    /// <summary>Those of the sample before.</summary>
    [JsonPropertyName("precpu_stats")]
    public ContainerCPUStats? PreCpu { get; init; }

    [JsonPropertyName("memory_stats")]
    public ContainerMemoryStats? Memory { get; init; }

    /// <summary>By the interface's name in the container.</summary>
    [JsonPropertyName("networks")]
    public IReadOnlyDictionary<string, ContainerNetworkStats>? Networks { get; init; }
}
