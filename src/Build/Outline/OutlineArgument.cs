using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>A build argument that a target looks at.</summary>
public sealed record OutlineArgument
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>What its comment says; null: nothing.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>The value that this build would use; null: none.</summary>
    [JsonPropertyName("value")]
    public string? Value { get; init; }

    [JsonPropertyName("location")]
    public FileLocation? Location { get; init; }
}
