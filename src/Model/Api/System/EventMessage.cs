using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>EventMessage</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition EventMessage.</remarks>
public sealed record EventMessage
{
    public string? Type { get; init; }

    public string? Action { get; init; }

    public EventActor? Actor { get; init; }

    [JsonPropertyName("scope")]
    public string? Scope { get; init; }

    [JsonPropertyName("time")]
    public long? Time { get; init; }

    [JsonPropertyName("timeNano")]
    public long? TimeNano { get; init; }
}
