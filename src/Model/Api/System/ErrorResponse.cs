using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ErrorResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ErrorResponse.</remarks>
public sealed record ErrorResponse
{
    [JsonPropertyName("message")]
    public string? Message { get; init; }
}
