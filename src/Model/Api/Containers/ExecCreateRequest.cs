using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Body of <c>POST /containers/{id}/exec</c>.</summary>
/// <remarks>Source: Engine API 1.56, ContainerExec.</remarks>
public sealed record ExecCreateRequest
{
    public string? User { get; init; }

    public bool? Privileged { get; init; }

    public bool? Tty { get; init; }

    /// <summary>Height and width of the first terminal, in cells.</summary>
    public IReadOnlyList<long>? ConsoleSize { get; init; }

    public bool? AttachStdin { get; init; }

    public bool? AttachStdout { get; init; }

    public bool? AttachStderr { get; init; }

    public string? DetachKeys { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    public string? WorkingDir { get; init; }

    [JsonConverter(typeof(StringOrListConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }
}
