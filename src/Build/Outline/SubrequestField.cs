using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>A part of a question or of its answer.</summary>
public sealed record SubrequestField
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("description")]
    public string Description { get; init; } = string.Empty;
}
