using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>A file that an answer's locations are in.</summary>
/// <remarks>Source: moby/buildkit solver/pb/ops.proto SourceInfo.</remarks>
public sealed record FileSource
{
    /// <summary>As in <c>Dockerfile</c>.</summary>
    [JsonPropertyName("filename")]
    public required string Filename { get; init; }

    /// <summary>The file; base64 in JSON.</summary>
    [JsonPropertyName("data")]
    public required ReadOnlyMemory<byte> Data { get; init; }

    [JsonPropertyName("language")]
    public string Language { get; init; } = "Dockerfile";
}
