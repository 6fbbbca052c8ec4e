namespace Gantry.Model.Api;

/// <summary>Wire shape <c>MountBindOptions</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition MountBindOptions.</remarks>
public sealed record MountBindOptions
{
    public string? Propagation { get; init; }

    public bool? NonRecursive { get; init; }

    public bool? CreateMountpoint { get; init; }

    public bool? ReadOnlyNonRecursive { get; init; }

    public bool? ReadOnlyForceRecursive { get; init; }
}
