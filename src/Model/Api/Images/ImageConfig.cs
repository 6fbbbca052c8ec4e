using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageConfig.</remarks>
public sealed record ImageConfig
{
    public string? User { get; init; }

    public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }

    public HealthConfig? Healthcheck { get; init; }

    public bool? ArgsEscaped { get; init; }

    public IReadOnlyDictionary<string, EmptyObject>? Volumes { get; init; }

    public string? WorkingDir { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    public IReadOnlyList<string>? OnBuild { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public string? StopSignal { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Shell { get; init; }
}
