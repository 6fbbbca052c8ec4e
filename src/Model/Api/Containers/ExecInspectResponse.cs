namespace Gantry.Model.Api;

/// <summary>Answer of <c>GET /exec/{id}/json</c>.</summary>
/// <remarks>Source: Engine API 1.56, ContainerExecInspect. <c>ExitCode</c> is null while the process runs.</remarks>
public sealed record ExecInspectResponse
{
    public string? ID { get; init; }

    public bool? Running { get; init; }

    public long? ExitCode { get; init; }

    public ProcessConfig? ProcessConfig { get; init; }

    public bool? OpenStdin { get; init; }

    public bool? OpenStderr { get; init; }

    public bool? OpenStdout { get; init; }

    public bool? CanRemove { get; init; }

    public string? ContainerID { get; init; }

    /// <summary>The keys as bytes in base64, or null for the default.</summary>
    public string? DetachKeys { get; init; }

    public long? Pid { get; init; }
}
