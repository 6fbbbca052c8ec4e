using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>A secret or an SSH agent that a target mounts.</summary>
public sealed record OutlineSecret
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("required")]
    public bool Required { get; init; }

    [JsonPropertyName("location")]
    public FileLocation? Location { get; init; }
}
