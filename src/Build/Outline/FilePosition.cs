using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>A place in a file.</summary>
public sealed record FilePosition
{
    /// <summary>Counted from 1.</summary>
    [JsonPropertyName("line")]
    public int Line { get; init; }

    [JsonPropertyName("character")]
    public int Character { get; init; }
}
