using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerBlkioStats</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerBlkioStats.</remarks>
public sealed record ContainerBlkioStats
{
    [JsonPropertyName("io_service_bytes_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? ServiceBytes { get; init; }

    [JsonPropertyName("io_serviced_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? Serviced { get; init; }

    [JsonPropertyName("io_queue_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? Queued { get; init; }

    [JsonPropertyName("io_service_time_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? ServiceTime { get; init; }

    [JsonPropertyName("io_wait_time_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? WaitTime { get; init; }

    [JsonPropertyName("io_merged_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? Merged { get; init; }

    [JsonPropertyName("io_time_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? Time { get; init; }

    [JsonPropertyName("sectors_recursive")]
    public IReadOnlyList<ContainerBlkioStatEntry>? Sectors { get; init; }
}
