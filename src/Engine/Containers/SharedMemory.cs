using System.Globalization;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Remap;
using Gantry.Kernel.Sys;
using Gantry.Model;
using static Gantry.Kernel.Sys.MountFlags;

namespace Gantry.Engine.Containers;

/// <summary>
/// The memory at /dev/shm of containers that share it: one mount on the host for each container with
/// <c>--ipc=shareable</c>, bound into it and into those that join it, for as long as it runs.
/// </summary>
/// <remarks>Source: moby daemon/container_operations_unix.go, setupIPCDirs and getIPCContainer.</remarks>
internal sealed class SharedMemory(EngineParts parts)
{
    private string Root => Path.Combine(parts.Options.ExecRoot, "shm");

    /// <summary>Mounts the memory of a container that starts, or finds that of the one whose IPC it joins.</summary>
    /// <returns>The host directory to bind at /dev/shm; null: the container's own, or none.</returns>
    /// <exception cref="GantryException">Conflict: the other one does not run. Invalid: it does not share.</exception>
    public string? Prepare(ContainerRecord record, UndoStack undo)
    {
        if (NetworkModes.Donor(record.HostConfig.IpcMode) is { } donor)
            return OfDonor(donor);
        if (record.HostConfig.IpcMode != "shareable" || record.Mounts.Any(static mount => mount.Destination == "/dev/shm"))
            return null;
        var path = PathOf(record.Id);
        Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Release(record.Id); // what an engine's end in the middle of a start has left
        Directory.CreateDirectory(path);
        undo.Push("unmount the shared memory", _ =>
        {
            Release(record.Id);
            return ValueTask.CompletedTask;
        });
        var (uid, gid) = RemapRules.Of(record.HostConfig, parts.Facts)?.Root ?? (0, 0);
        var size = record.HostConfig.ShmSize ?? SpecDefaults.ShmSizeBytes;
        Mounts.Mount("shm", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, string.Create(CultureInfo.InvariantCulture, $"mode=1777,size={size},uid={uid},gid={gid}"));
        return path;
    }

    /// <summary>Unmounts the memory of a container that has ended; does nothing when there is none. Those that joined it keep it until they end.</summary>
    public void Release(ContainerId id)
    {
        var path = PathOf(id);
        if (!Directory.Exists(path))
            return;
        while (Mounts.TryUnmount(path, MNT_DETACH) == 0)
        {
        }
        // Not recursive: if it is a mount still, it refuses, and nobody's memory is emptied.
        Directory.Delete(path);
    }

    /// <summary>Unmounts what belongs to no running container: what an earlier engine did not come to.</summary>
    public void ReleaseStale()
    {
        if (!Directory.Exists(Root))
            return;
        foreach (var name in Directory.EnumerateDirectories(Root).Select(Path.GetFileName).OfType<string>().ToList())
        {
            if (ContainerId.TryParse(name, out var id) && (parts.Containers.Find(id) is not { } container || !ContainerStatus.HasProcess(container.Run.Status)))
                Release(id);
        }
    }

    private string OfDonor(string id)
    {
        var donor = parts.Containers.Get(id);
        if (!ContainerStatus.HasProcess(donor.Run.Status))
            throw ContainerErrors.IpcNotRunning(donor.Id);
        var mode = donor.Record.HostConfig.IpcMode;
        if (ContainerModes.IsHost(mode))
            return "/dev/shm";
        if (NetworkModes.Donor(mode) is { } further)
            return OfDonor(further);
        var path = PathOf(donor.Id);
        return Directory.Exists(path) ? path : throw ContainerErrors.IpcNotShareable(donor.Id);
    }

    private string PathOf(ContainerId id) => Path.Combine(Root, id.ToString());
}
