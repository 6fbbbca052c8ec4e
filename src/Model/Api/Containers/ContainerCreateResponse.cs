namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerCreateResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerCreateResponse.</remarks>
public sealed record ContainerCreateResponse
{
    public string? Id { get; init; }

    public IReadOnlyList<string>? Warnings { get; init; }
}
