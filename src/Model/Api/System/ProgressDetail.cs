using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ProgressDetail</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ProgressDetail.</remarks>
public sealed record ProgressDetail
{
    [JsonPropertyName("current")]
    public long? Current { get; init; }

    [JsonPropertyName("total")]
    public long? Total { get; init; }
}
