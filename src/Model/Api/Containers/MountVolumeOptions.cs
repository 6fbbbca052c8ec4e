namespace Gantry.Model.Api;

/// <summary>Wire shape <c>MountVolumeOptions</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition MountVolumeOptions.</remarks>
public sealed record MountVolumeOptions
{
    public bool? NoCopy { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public MountVolumeOptionsDriverConfig? DriverConfig { get; init; }

    public string? Subpath { get; init; }
}
