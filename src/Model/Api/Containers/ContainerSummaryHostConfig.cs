namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerSummaryHostConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerSummaryHostConfig.</remarks>
public sealed record ContainerSummaryHostConfig
{
    public string? NetworkMode { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
