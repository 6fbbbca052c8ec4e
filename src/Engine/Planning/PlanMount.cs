using System.Text.Json.Serialization;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>A mount the user asked for, with its source found: input of the planner, and what inspect shows as <c>Mounts</c>.</summary>
public sealed record PlanMount
{
    public required PlanMountKind Kind { get; init; }

    /// <summary>Absolute and clean, inside the container.</summary>
    public required string Destination { get; init; }

    /// <summary>The host directory or file to bind; an image as it was asked for; empty for tmpfs.</summary>
    public string Source { get; init; } = "";

    /// <summary>The volume's name, for <see cref="PlanMountKind.Volume"/>.</summary>
    public string? VolumeName { get; init; }

    public bool ReadOnly { get; init; }

    /// <summary><c>rprivate</c>, <c>rslave</c>, …; empty is the default.</summary>
    public string Propagation { get; init; } = "";

    /// <summary>Bind only the source's own mount and not those below it.</summary>
    public bool NonRecursive { get; init; }

    /// <summary>Read-only, but not the mounts below the source.</summary>
    public bool ReadOnlyNonRecursive { get; init; }

    /// <summary>Read-only with all below it, or fail where the kernel cannot.</summary>
    public bool ReadOnlyForceRecursive { get; init; }

    /// <summary>What stood after the second colon of <c>-v</c>, for inspect: <c>ro,z</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Options of a tmpfs beyond the defaults, as given: <c>size=64m</c>.</summary>
    public IReadOnlyList<string> TmpfsOptions { get; init; } = [];

    /// <summary>The image, for <see cref="PlanMountKind.Image"/>.</summary>
    public Digest? ImageId { get; init; }

    /// <summary>The directories of its layers, the topmost first; found at each start.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> ImageLayers { get; init; } = [];

    /// <summary>How an id-mapped mount numbers its files; null: as they are on disk. Found at each start.</summary>
    [JsonIgnore]
    public IdMap? Ids { get; init; }

    /// <summary>A directory below the root of a volume or an image to be mounted instead of the root.</summary>
    public string? Subpath { get; init; }

    /// <summary>True for a volume that was made for this container and has no name given by a person.</summary>
    public bool Anonymous { get; init; }

    /// <summary>True when the image's content at the destination goes into the volume while that is empty.</summary>
    public bool CopyUp { get; init; }

    /// <summary>The mount as container inspect and list show it.</summary>
    public MountPoint ToMountPoint() => new()
    {
        Type = Kind switch { PlanMountKind.Bind => "bind", PlanMountKind.Volume => "volume", PlanMountKind.Image => "image", _ => "tmpfs" },
        Name = VolumeName,
        Source = Source,
        Destination = Destination,
        Driver = Kind == PlanMountKind.Volume ? "local" : null,
        Mode = Mode,
        RW = !ReadOnly,
        Propagation = Kind == PlanMountKind.Bind && Propagation.Length == 0 ? "rprivate" : Propagation,
    };
}
