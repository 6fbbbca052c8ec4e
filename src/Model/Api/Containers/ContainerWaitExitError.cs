namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerWaitExitError</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerWaitExitError.</remarks>
public sealed record ContainerWaitExitError
{
    public string? Message { get; init; }
}
