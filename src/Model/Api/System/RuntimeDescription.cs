using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>Runtime</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition Runtime.</remarks>
public sealed record RuntimeDescription
{
    [JsonPropertyName("path")]
    public string? Path { get; init; }

    [JsonPropertyName("runtimeArgs")]
    public IReadOnlyList<string>? RuntimeArgs { get; init; }

    [JsonPropertyName("status")]
    public IReadOnlyDictionary<string, string>? Status { get; init; }
}
