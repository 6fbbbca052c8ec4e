using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Remap;
using Gantry.Engine.Volumes;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;
using Gantry.Store;

namespace Gantry.Engine.Containers;

/// <summary>Makes what a container's mounts need: volumes, host directories; and takes anonymous volumes away again.</summary>
internal sealed class ContainerMounts(EngineParts parts)
{
    /// <summary>Finds or makes the sources of all mounts of a new container.</summary>
    /// <param name="id">The new container.</param>
    /// <param name="config">Its merged configuration.</param>
    /// <param name="host">Its host configuration.</param>
    /// <param name="snapshot">Its root filesystem, whose content goes into empty volumes.</param>
    /// <param name="keepSubmountsWritable">Whether read-only binds are not recursive unless they ask for it.</param>
    /// <param name="undo">Gets what is made.</param>
    /// <param name="cancellationToken">The client's.</param>
    public Task<IReadOnlyList<PlanMount>> PrepareAsync(ContainerId id, ContainerConfig config, HostConfig host, Snapshot snapshot, bool keepSubmountsWritable, UndoStack undo, CancellationToken cancellationToken)
    {
        var requests = MountParser.Parse(config, host, Donors(host.VolumesFrom));
        if (requests.Count == 0)
            return Task.FromResult<IReadOnlyList<PlanMount>>([]);
        List<PlanMount> mounts = [];
        var ids = RemapRules.Of(host, parts.Facts);
        Fd? root = null;
        try
        {
            foreach (var request in requests)
            {
                cancellationToken.ThrowIfCancellationRequested();
                mounts.Add(request.Kind switch
                {
                    PlanMountKind.Bind => Bind(InDataRoot(request) with { ReadOnlyNonRecursive = request.ReadOnlyNonRecursive || (keepSubmountsWritable && request is { ReadOnly: true, ReadOnlyForceRecursive: false }) }, undo, ids),
                    PlanMountKind.Image => Image(request),
                    PlanMountKind.Volume => Volume(request, undo, ids, () => root ??= RootfsView.Open(snapshot)),
                    _ => Plan(request, ""),
                });
            }
        }
        finally
        {
            root?.Dispose();
        }
        return Task.FromResult<IReadOnlyList<PlanMount>>(mounts);
    }

    /// <summary>Removes the volumes that were made for a container alone, unless another one uses them by now.</summary>
    public Task RemoveAnonymousAsync(ContainerRecord record)
    {
        foreach (var mount in record.Mounts.Where(m => m is { Kind: PlanMountKind.Volume, Anonymous: true, VolumeName: not null }))
        {
            if (UsersOf(mount.VolumeName!).Count > 0)
                continue;
            if (parts.Volumes.Remove(mount.VolumeName!))
                PublishVolume("destroy", mount.VolumeName!);
        }
        return Task.CompletedTask;
    }

    /// <summary>The containers that use a volume.</summary>
    public IReadOnlyList<ContainerId> UsersOf(string volume) =>
        [.. parts.Containers.All.Where(c => c.Record.Mounts.Any(m => m.VolumeName == volume)).Select(c => c.Id)];

    /// <summary>Something happened to a volume.</summary>
    public void PublishVolume(string action, string name) =>
        parts.Events.Publish("volume", action, name, new Dictionary<string, string>(StringComparer.Ordinal) { ["driver"] = "local" });

    private Dictionary<string, IReadOnlyList<MountPoint>> Donors(IReadOnlyList<string>? volumesFrom)
    {
        Dictionary<string, IReadOnlyList<MountPoint>> donors = new(StringComparer.Ordinal);
        foreach (var entry in volumesFrom ?? [])
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            var donor = parts.Containers.Donor(colon < 0 ? entry : entry[..colon]);
            donors[entry] = [.. donor.Record.Mounts.Select(mount => mount.ToMountPoint())];
        }
        return donors;
    }

    /// <summary>A bind of the data root, of what lies in it or of what holds it must not keep the engine's mounts alive in the container: it is a slave.</summary>
    /// <remarks>Source: moby daemon/volumes_linux.go, validateBindDaemonRoot.</remarks>
    private MountRequest InDataRoot(MountRequest request)
    {
        var root = parts.Options.DataRoot;
        if (!request.Source!.StartsWith(root, StringComparison.Ordinal) && !root.StartsWith(request.Source, StringComparison.Ordinal))
            return request;
        return request.Propagation switch
        {
            "" => request with { Propagation = "rslave" },
            "rslave" or "rshared" => request,
            var other => throw GantryException.Of(
                ErrorKind.Invalid,
                $"invalid mount config: must use either propagation mode \"rslave\" or \"rshared\" when mount source is within the daemon root, daemon root: \"{root}\", bind mount source: \"{request.Source}\", propagation: \"{other}\""),
        };
    }

    private static PlanMount Bind(MountRequest request, UndoStack undo, IdMap? ids)
    {
        var source = request.Source!;
        if (!Path.Exists(source))
        {
            // Source: moby volume/mounts/validate.go errBindSourceDoesNotExist.
            if (!request.CreateSource)
                throw GantryException.Of(ErrorKind.Invalid, $"invalid mount config for type \"bind\": bind source path does not exist: {source}");
            MakeDirectory(source, undo, ids);
        }
        return Plan(request, source);
    }

    /// <summary>Makes a host directory with those above it; what was made is removed again when the creation fails, unless it was filled meanwhile.</summary>
    private static void MakeDirectory(string path, UndoStack undo, IdMap? ids)
    {
        var missing = new Stack<string>();
        for (var directory = Path.TrimEndingDirectorySeparator(path); directory is not null && !Path.Exists(directory); directory = Path.GetDirectoryName(directory))
            missing.Push(directory);
        foreach (var directory in missing)
        {
            try
            {
                Directory.CreateDirectory(directory);
                // Source: moby volume/mounts/mounts.go Setup, which gives what it makes to the containers' root.
                if (ids is not null && Files.TryChownAt(null, directory, ids.Root.Uid, ids.Root.Gid) is var result and < 0)
                    throw new IOException(Kernel.Abi.Errno.Text(-result));
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw GantryException.Of(ErrorKind.Invalid, $"error while creating mount source path '{path}': mkdir {directory}: {refused.Message}", cause: refused);
            }
            undo.Push($"remove {directory}", _ =>
            {
                if (!Directory.EnumerateFileSystemEntries(directory).Any())
                    Directory.Delete(directory);
                return ValueTask.CompletedTask;
            });
        }
    }

    private PlanMount Volume(MountRequest request, UndoStack undo, IdMap? ids, Func<Fd> root)
    {
        var volume = parts.Volumes.Ensure(request.Source, request.Labels, request.DriverOptions, ids, out var created);
        if (created)
        {
            PublishVolume("create", volume.Name);
            undo.Push($"remove the volume {volume.Name}", _ =>
            {
                if (parts.Volumes.Remove(volume.Name))
                    PublishVolume("destroy", volume.Name);
                return ValueTask.CompletedTask;
            });
        }
        if (request.CopyUp && request.Subpath is null)
            parts.Volumes.CopyUp(volume, root(), request.Destination);
        return Plan(request, volume.Mountpoint) with { VolumeName = volume.Name, Anonymous = request.Source is null || (request.Inherited && IsAnonymous(volume.Name)) };
    }

    // What was made for a container alone stays so with those that have it from that one.
    private bool IsAnonymous(string volume) => parts.Containers.All.Any(container => container.Record.Mounts.Any(mount => mount.Anonymous && mount.VolumeName == volume));

    // Its files are found again at each start: an image that is mounted can be removed while nothing that mounts it runs.
    private PlanMount Image(MountRequest request) => Plan(request, request.Source!) with { ImageId = parts.Images.Mountable(request.Source!) };

    private static PlanMount Plan(MountRequest request, string source) => new()
    {
        Kind = request.Kind,
        Destination = request.Destination,
        Source = source,
        ReadOnly = request.ReadOnly,
        Propagation = request.Propagation,
        NonRecursive = request.NonRecursive,
        ReadOnlyNonRecursive = request.ReadOnlyNonRecursive,
        ReadOnlyForceRecursive = request.ReadOnlyForceRecursive,
        Mode = request.Mode,
        TmpfsOptions = request.TmpfsOptions,
        Subpath = request.Subpath,
        CopyUp = request.CopyUp,
    };
}
