using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ProcessConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ProcessConfig.</remarks>
public sealed record ProcessConfig
{
    [JsonPropertyName("privileged")]
    public bool? Privileged { get; init; }

    [JsonPropertyName("user")]
    public string? User { get; init; }

    [JsonPropertyName("tty")]
    public bool? Tty { get; init; }

    [JsonPropertyName("entrypoint")]
    public string? Entrypoint { get; init; }

    [JsonPropertyName("arguments")]
    public IReadOnlyList<string>? Arguments { get; init; }
}
