namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageInspectRootFS</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageInspectRootFS.</remarks>
public sealed record ImageInspectRootFS
{
    public string? Type { get; init; }

    public IReadOnlyList<string>? Layers { get; init; }
}
