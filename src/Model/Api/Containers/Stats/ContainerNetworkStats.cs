using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerNetworkStats</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerNetworkStats.</remarks>
public sealed record ContainerNetworkStats
{
    [JsonPropertyName("rx_bytes")]
    public long? RxBytes { get; init; }

    [JsonPropertyName("rx_packets")]
    public long? RxPackets { get; init; }

    [JsonPropertyName("rx_errors")]
    public long? RxErrors { get; init; }

    [JsonPropertyName("rx_dropped")]
    public long? RxDropped { get; init; }

    [JsonPropertyName("tx_bytes")]
    public long? TxBytes { get; init; }

    [JsonPropertyName("tx_packets")]
    public long? TxPackets { get; init; }

    [JsonPropertyName("tx_errors")]
    public long? TxErrors { get; init; }

    [JsonPropertyName("tx_dropped")]
    public long? TxDropped { get; init; }
}
