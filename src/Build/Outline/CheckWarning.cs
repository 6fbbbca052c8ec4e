using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>One finding of linting, as clients are told.</summary>
public sealed record CheckWarning
{
    [JsonPropertyName("ruleName")]
    public required string Rule { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("url")]
    public string? Url { get; init; }

    [JsonPropertyName("detail")]
    public string? Detail { get; init; }

    [JsonPropertyName("location")]
    public required FileLocation Location { get; init; }
}
