namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerWaitResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerWaitResponse.</remarks>
public sealed record ContainerWaitResponse
{
    public long? StatusCode { get; init; }

    public ContainerWaitExitError? Error { get; init; }
}
