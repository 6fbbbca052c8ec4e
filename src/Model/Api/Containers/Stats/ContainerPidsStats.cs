using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerPidsStats</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerPidsStats.</remarks>
public sealed record ContainerPidsStats
{
    [JsonPropertyName("current")]
    public long? Current { get; init; }

    /// <summary>Absent: none.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }
}
