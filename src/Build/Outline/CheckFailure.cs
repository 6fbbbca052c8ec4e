using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>Why a checked file cannot be built.</summary>
public sealed record CheckFailure
{
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("location")]
    public required FileLocation Location { get; init; }
}
