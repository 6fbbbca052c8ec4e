using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>A stage that can be built.</summary>
public sealed record TargetEntry
{
    /// <summary>Null: it has none.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>What is built when nobody says what to build.</summary>
    [JsonPropertyName("default")]
    public bool IsDefault { get; init; }

    /// <summary>What its comment says; null: nothing.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>The image or stage it begins with, unexpanded.</summary>
    [JsonPropertyName("base")]
    public string? Base { get; init; }

    /// <summary>Unexpanded; null: not given.</summary>
    [JsonPropertyName("platform")]
    public string? Platform { get; init; }

    [JsonPropertyName("location")]
    public FileLocation? Location { get; init; }
}
