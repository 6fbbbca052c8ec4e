namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerTopResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerTopResponse.</remarks>
public sealed record ContainerTopResponse
{
    public IReadOnlyList<string>? Titles { get; init; }

    public IReadOnlyList<IReadOnlyList<string>>? Processes { get; init; }
}
