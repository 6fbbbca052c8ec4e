using System.Text.Json.Serialization;

namespace Gantry.Distribution;

/// <summary>One error that a registry tells.</summary>
internal sealed record RegistryErrorEntry
{
    [JsonPropertyName("code")]
    public string? Code { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }
}
