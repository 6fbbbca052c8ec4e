using Gantry.Engine.Planning;

namespace Gantry.Engine.Volumes;

/// <summary>A mount as a user, an image or another container asks for it; nothing has been made or looked up yet.</summary>
public sealed record MountRequest
{
    public required PlanMountKind Kind { get; init; }

    /// <summary>Absolute and clean, inside the container.</summary>
    public required string Destination { get; init; }

    /// <summary>A host path (bind), a volume's name, or null: an anonymous volume, or a tmpfs.</summary>
    public string? Source { get; init; }

    /// <summary>It is another container's mount (<c>--volumes-from</c>).</summary>
    public bool Inherited { get; init; }

    /// <summary><c>-v</c> makes a missing host directory; <c>--mount</c> refuses it unless told to.</summary>
    public bool CreateSource { get; init; }

    public bool ReadOnly { get; init; }

    public string Propagation { get; init; } = "";

    public bool NonRecursive { get; init; }

    public bool ReadOnlyNonRecursive { get; init; }

    public bool ReadOnlyForceRecursive { get; init; }

    public string Mode { get; init; } = "";

    public IReadOnlyList<string> TmpfsOptions { get; init; } = [];

    public string? Subpath { get; init; }

    /// <summary>Whether the image's content goes into an empty volume.</summary>
    public bool CopyUp { get; init; } = true;

    /// <summary>Labels of a volume that is made for this mount.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Driver options of a volume that is made for this mount.</summary>
    public IReadOnlyDictionary<string, string>? DriverOptions { get; init; }
}
