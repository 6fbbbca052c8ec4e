using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>One object of the JSON streams of pull, push, build, load and import.</summary>
/// <remarks>Source: moby api/types/jsonstream and pkg/jsonmessage. Absent members are not written. A failure after the first byte is the last
/// object: <see cref="Error"/> and <see cref="ErrorDetail"/> with the same text.</remarks>
public sealed record StreamMessage
{
    /// <summary>Text of a build's output, newline included.</summary>
    [JsonPropertyName("stream")]
    public string? Stream { get; init; }

    /// <summary>What is being done, e.g. <c>Downloading</c>.</summary>
    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("progressDetail")]
    public ProgressDetail? ProgressDetail { get; init; }

    /// <summary>The progress as drawn text; only clients below API 1.48 read it.</summary>
    [JsonPropertyName("progress")]
    public string? Progress { get; init; }

    /// <summary>The line which this object updates: a layer's short digest, or the tag.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("errorDetail")]
    public ErrorDetail? ErrorDetail { get; init; }

    [JsonPropertyName("error")]
    public string? Error { get; init; }

    /// <summary>Facts for programs: <c>{"ID": "sha256:…"}</c> of a build, <c>{"Tag","Digest","Size"}</c> of a push.</summary>
    [JsonPropertyName("aux")]
    public JsonElement? Aux { get; init; }
}
