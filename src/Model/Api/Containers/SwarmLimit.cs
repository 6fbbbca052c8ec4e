namespace Gantry.Model.Api;

/// <summary>Wire shape <c>Limit</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition Limit.</remarks>
public sealed record SwarmLimit
{
    public long? NanoCPUs { get; init; }

    public long? MemoryBytes { get; init; }

    public long? Pids { get; init; }
}
