using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerBlkioStatEntry</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerBlkioStatEntry.</remarks>
public sealed record ContainerBlkioStatEntry
{
    [JsonPropertyName("major")]
    public long? Major { get; init; }

    [JsonPropertyName("minor")]
    public long? Minor { get; init; }

    /// <summary><c>Read</c>, <c>Write</c>, … as the kernel of either version writes them.</summary>
    [JsonPropertyName("op")]
    public string? Operation { get; init; }

    [JsonPropertyName("value")]
    public long? Value { get; init; }
}
