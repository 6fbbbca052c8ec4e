using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>OCIPlatform</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition OCIPlatform.</remarks>
public sealed record OCIPlatform
{
    [JsonPropertyName("architecture")]
    public string? Architecture { get; init; }

    [JsonPropertyName("os")]
    public string? Os { get; init; }

    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    [JsonPropertyName("os.features")]
    public IReadOnlyList<string>? OsFeatures { get; init; }

    [JsonPropertyName("variant")]
    public string? Variant { get; init; }
}
