namespace Gantry.Model.Api;

/// <summary>Wire shape <c>MountVolumeOptionsDriverConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition MountVolumeOptionsDriverConfig.</remarks>
public sealed record MountVolumeOptionsDriverConfig
{
    public string? Name { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
