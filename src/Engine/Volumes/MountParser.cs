using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Volumes;

/// <summary>Reads what a container mounts: <c>Binds</c>, <c>Mounts</c>, <c>Tmpfs</c>, <c>VolumesFrom</c> and the image's volumes. Pure.</summary>
public static class MountParser
{
    /// <summary>All mounts of a container, sorted by the depth of their destination. Where two ask for one destination, the more deliberate wins: Binds and Mounts over VolumesFrom over the image's volumes.</summary>
    /// <param name="config">The merged configuration; its <c>Volumes</c> are anonymous volumes.</param>
    /// <param name="hostConfig">Binds, Mounts and Tmpfs.</param>
    /// <param name="volumesFrom">For each entry of <c>VolumesFrom</c>, as it is written there, the mounts of the container it names.</param>
    /// <exception cref="GantryException">Invalid: in Docker's words, what is wrong with which mount.</exception>
    public static IReadOnlyList<MountRequest> Parse(ContainerConfig config, HostConfig hostConfig, IReadOnlyDictionary<string, IReadOnlyList<MountPoint>>? volumesFrom = null) =>
        throw GantryException.Of(ErrorKind.NotSupported, "mounts are not parsed yet");
}
