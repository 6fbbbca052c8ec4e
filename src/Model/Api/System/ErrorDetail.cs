using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ErrorDetail</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ErrorDetail.</remarks>
public sealed record ErrorDetail
{
    [JsonPropertyName("code")]
    public long? Code { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }
}
