namespace Gantry.Model.Api;

/// <summary>Wire shape <c>RestartPolicy</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition RestartPolicy.</remarks>
public sealed record RestartPolicy
{
    public string? Name { get; init; }

    public long? MaximumRetryCount { get; init; }
}
