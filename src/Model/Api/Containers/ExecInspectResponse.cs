namespace Gantry.Model.Api;

/// <summary>What an exec is and how it went.</summary>
/// <remarks>Source: engine-api.yaml, ExecInspectResponse. <c>ExitCode</c> is null while it runs.</remarks>
public sealed record ExecInspectResponse
{
    public bool? CanRemove { get; init; }

    public string? ContainerID { get; init; }

    public string? DetachKeys { get; init; }

    public long? ExitCode { get; init; }

    public string? ID { get; init; }

    public bool? OpenStderr { get; init; }

    public bool? OpenStdin { get; init; }

    public bool? OpenStdout { get; init; }

    public long? Pid { get; init; }

    public ProcessConfig? ProcessConfig { get; init; }

    public bool? Running { get; init; }
}
