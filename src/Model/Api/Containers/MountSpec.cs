namespace Gantry.Model.Api;

/// <summary>Wire shape <c>Mount</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition Mount.</remarks>
public sealed record MountSpec
{
    public string? Target { get; init; }

    public string? Source { get; init; }

    public string? Type { get; init; }

    public bool? ReadOnly { get; init; }

    public string? Consistency { get; init; }

    public MountBindOptions? BindOptions { get; init; }

    public MountVolumeOptions? VolumeOptions { get; init; }

    public MountImageOptions? ImageOptions { get; init; }

    public MountTmpfsOptions? TmpfsOptions { get; init; }
}
