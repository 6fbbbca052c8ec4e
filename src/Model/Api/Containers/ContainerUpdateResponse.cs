namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerUpdateResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerUpdateResponse.</remarks>
public sealed record ContainerUpdateResponse
{
    public IReadOnlyList<string>? Warnings { get; init; }
}
