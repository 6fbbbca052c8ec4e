namespace Gantry.Model.Api;

/// <summary>Wire shape <c>MountTmpfsOptions</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition MountTmpfsOptions.</remarks>
public sealed record MountTmpfsOptions
{
    public long? SizeBytes { get; init; }

    public long? Mode { get; init; }

    public IReadOnlyList<IReadOnlyList<string>>? Options { get; init; }
}
