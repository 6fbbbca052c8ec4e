using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Volumes;

/// <summary>A volume as it is kept.</summary>
public sealed record VolumeRecord
{
    public required string Name { get; init; }

    /// <summary>The host directory that is mounted: <c>DATA-ROOT/volumes/NAME/_data</c>.</summary>
    public required string Mountpoint { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The mapping by which files of the volume have their ids on disk (<c>--userns-remap</c>, when it was made). Containers
    /// with another mapping of their own see them as if it were theirs.
    /// </summary>
    public IdMap Ids { get; init; } = IdMap.Identity;

    /// <summary>Made for one container, without a name of its own.</summary>
    public bool Anonymous { get; init; }

    /// <summary>The volume as the API shows it.</summary>
    public VolumeResource ToResource() => new()
    {
        Name = Name,
        Driver = "local",
        Mountpoint = Mountpoint,
        CreatedAt = CreatedAt.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
        Labels = Labels.Count > 0 ? Labels : null,
        Options = Options is { Count: > 0 } ? Options : null,
        Scope = "local",
    };
}
