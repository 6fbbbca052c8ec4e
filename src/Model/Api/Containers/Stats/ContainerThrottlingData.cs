using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerThrottlingData</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerThrottlingData.</remarks>
public sealed record ContainerThrottlingData
{
    [JsonPropertyName("periods")]
    public long? Periods { get; init; }

    [JsonPropertyName("throttled_periods")]
    public long? ThrottledPeriods { get; init; }

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("throttled_time")]
    public long? ThrottledTime { get; init; }
}
