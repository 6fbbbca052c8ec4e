using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>From one place of a file to another, both included.</summary>
public sealed record FileRange
{
    [JsonPropertyName("start")]
    public required FilePosition Start { get; init; }

    [JsonPropertyName("end")]
    public required FilePosition End { get; init; }

    /// <summary>One whole line.</summary>
    public static FileRange OfLine(int line) => new() { Start = new() { Line = line }, End = new() { Line = line } };
}
