namespace Gantry.Model.Api;

/// <summary>Wire shape <c>VolumeListResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition VolumeListResponse.</remarks>
public sealed record VolumeListResponse
{
    public IReadOnlyList<VolumeResource>? Volumes { get; init; }

    public IReadOnlyList<string>? Warnings { get; init; }
}
