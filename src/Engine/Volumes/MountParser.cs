using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Volumes;

/// <summary>Reads what a container mounts: <c>Binds</c>, <c>Mounts</c>, <c>Tmpfs</c>, <c>VolumesFrom</c> and the image's volumes. Pure.</summary>
/// <remarks>Source: moby volume/mounts/linux_parser.go and daemon/volumes.go, registerMountPoints.</remarks>
public static class MountParser
{
    /// <summary>All mounts of a container, sorted by the depth of their destination. Where two ask for one destination, the more deliberate wins: Binds and Mounts over VolumesFrom over the image's volumes.</summary>
    /// <param name="config">The merged configuration; its <c>Volumes</c> are anonymous volumes.</param>
    /// <param name="hostConfig">Binds, Mounts and Tmpfs.</param>
    /// <param name="volumesFrom">For each entry of <c>VolumesFrom</c>, as it is written there, the mounts of the container it names.</param>
    /// <exception cref="GantryException">Invalid: in Docker's words, what is wrong with which mount.</exception>
    public static IReadOnlyList<MountRequest> Parse(ContainerConfig config, HostConfig hostConfig, IReadOnlyDictionary<string, IReadOnlyList<MountPoint>>? volumesFrom = null)
    {
        var problems = new List<string>();
        var mounts = Parse(config, hostConfig, volumesFrom, problems);
        return problems.Count == 0 ? mounts : throw GantryException.Of(ErrorKind.Invalid, string.Join('\n', problems));
    }

    /// <summary>As <see cref="Parse(ContainerConfig, HostConfig, IReadOnlyDictionary{string, IReadOnlyList{MountPoint}}?)"/>, collecting problems instead of throwing.</summary>
    internal static IReadOnlyList<MountRequest> Parse(ContainerConfig config, HostConfig host, IReadOnlyDictionary<string, IReadOnlyList<MountPoint>>? volumesFrom, List<string> problems)
    {
        var chosen = new Dictionary<string, MountRequest>(StringComparer.Ordinal);
        foreach (var bind in host.Binds ?? [])
            Deliberate(BindText.Parse(bind, problems));
        foreach (var mount in host.Mounts ?? [])
            Deliberate(MountSpecs.Parse(mount, problems));
        foreach (var (destination, options) in host.Tmpfs ?? new Dictionary<string, string>())
            Deliberate(MountSpecs.Tmpfs(destination, options, problems));

        // The last container that has a mount there lends it. Source: moby daemon/volumes.go registerMountPoints.
        foreach (var donor in (host.VolumesFrom ?? []).Reverse())
            Inherit(donor);
        foreach (var destination in (config.Volumes ?? new Dictionary<string, EmptyObject>()).Keys)
        {
            if (ContainerPath.Clean(destination, problems, destination) is { } clean)
                chosen.TryAdd(clean, new() { Kind = PlanMountKind.Volume, Destination = clean });
        }

        return [.. chosen.Values.OrderBy(mount => mount.Destination.Count(c => c == '/')).ThenBy(mount => mount.Destination, StringComparer.Ordinal)];

        void Deliberate(MountRequest? mount)
        {
            if (mount is not null && !chosen.TryAdd(mount.Destination, mount))
                problems.Add($"Duplicate mount point: {mount.Destination}");
        }

        void Inherit(string donor)
        {
            var mode = donor.LastIndexOf(':') is var colon and >= 0 ? donor[(colon + 1)..] : "";
            if (mode is not ("" or "ro" or "rw" or "z" or "Z"))
            {
                problems.Add($"invalid mode: {mode}");
                return;
            }

            foreach (var mount in volumesFrom is null ? [] : volumesFrom.GetValueOrDefault(donor, []))
                chosen.TryAdd(mount.Destination ?? "", Inherited(mount, mode == "ro"));
        }
    }

    private static MountRequest Inherited(MountPoint mount, bool readOnly) => new()
    {
        Kind = mount.Type switch { "bind" => PlanMountKind.Bind, "tmpfs" => PlanMountKind.Tmpfs, _ => PlanMountKind.Volume },
        Destination = mount.Destination ?? "",
        Source = mount.Type switch { "bind" => mount.Source, "tmpfs" => null, _ => mount.Name },
        ReadOnly = readOnly || mount.RW == false,
        Propagation = mount.Type == "bind" ? mount.Propagation ?? "" : "",
        Mode = mount.Mode ?? "",
        Inherited = true,
        // What the donor got at its creation is there already.
        CopyUp = false,
    };
}
