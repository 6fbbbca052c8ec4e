using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerStorageStats</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerStorageStats.</remarks>
public sealed record ContainerStorageStats
{
    /// <summary>Windows only, as all of them.</summary>
    [JsonPropertyName("read_count_normalized")]
    public long? ReadCountNormalized { get; init; }

    [JsonPropertyName("read_size_bytes")]
    public long? ReadSizeBytes { get; init; }

    [JsonPropertyName("write_count_normalized")]
    public long? WriteCountNormalized { get; init; }

    [JsonPropertyName("write_size_bytes")]
    public long? WriteSizeBytes { get; init; }
}
