using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerConfig.</remarks>
public sealed record ContainerConfig
{
    public string? Hostname { get; init; }

    public string? Domainname { get; init; }

    public string? User { get; init; }

    public bool? AttachStdin { get; init; }

    public bool? AttachStdout { get; init; }

    public bool? AttachStderr { get; init; }

    public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; init; }

    public bool? Tty { get; init; }

    public bool? OpenStdin { get; init; }

    public bool? StdinOnce { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }

    public HealthConfig? Healthcheck { get; init; }

    public bool? ArgsEscaped { get; init; }

    public string? Image { get; init; }

    public IReadOnlyDictionary<string, EmptyObject>? Volumes { get; init; }

    public string? WorkingDir { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    public bool? NetworkDisabled { get; init; }

    public IReadOnlyList<string>? OnBuild { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public string? StopSignal { get; init; }

    public long? StopTimeout { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Shell { get; init; }
}
