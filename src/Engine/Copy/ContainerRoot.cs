using System.Globalization;
using Gantry.Archive;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Store;

namespace Gantry.Engine.Copy;

/// <summary>
/// A container's files as it sees them, volumes and binds included, whether or not it runs. All of it is hostile: reach
/// what is below <see cref="Directory"/> by descriptors with RESOLVE_IN_ROOT alone.
/// </summary>
/// <remarks>
/// A running one is looked at through its own mount namespace. For another, its overlay is mounted with its volumes below
/// it in a tree that is attached nowhere, and gone with the descriptor.
/// </remarks>
internal sealed class ContainerRoot : IDisposable
{
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(10);

    private Container? _uploading;
    private AsyncGate.Passage? _mounting;

    private ContainerRoot(Fd directory, OwnerView owners, IdMap? runsWith)
    {
        Directory = directory;
        Owners = owners;
        RunsWith = runsWith;
    }

    /// <summary>The root directory, opened with O_PATH.</summary>
    public Fd Directory { get; }

    /// <summary>Whose its files are for the container.</summary>
    public OwnerView Owners { get; }

    /// <summary>The mapping of the user namespace that the container runs in; null: the host's, or it does not run.</summary>
    public IdMap? RunsWith { get; }

    /// <summary>Says that the container is being removed, while what is written here keeps it from that.</summary>
    public CancellationToken Interrupted { get; private init; }

    /// <summary>Opens the root.</summary>
    /// <param name="write">Whether it will be written. Then a container that does not run cannot be started before this is disposed: two mounts of one upper directory would spoil it.</param>
    /// <exception cref="GantryException">NotFound: the container was removed meanwhile.</exception>
    public static Task<ContainerRoot> OpenAsync(EngineParts parts, Container container, bool write, CancellationToken cancellationToken) =>
        OpenAsync(parts, container, () => OpenStopped(parts, container, write), MountNamespaces.OpenRoot, write, cancellationToken);

    /// <summary>Opens the root file system alone, for reading: without volumes and binds, /proc and /dev.</summary>
    /// <exception cref="GantryException">NotFound: the container was removed meanwhile.</exception>
    public static Task<ContainerRoot> OpenAloneAsync(EngineParts parts, Container container, CancellationToken cancellationToken) =>
        OpenAsync(parts, container, () => RootfsView.Open(SnapshotOf(parts, container.Record)), MountNamespaces.CloneRoot, write: false, cancellationToken);

    public void Dispose()
    {
        Directory.Dispose();
        _uploading?.EndUpload();
        _mounting?.Dispose();
    }

    private static async Task<ContainerRoot> OpenAsync(EngineParts parts, Container container, Func<Fd> stopped, Func<Fd, Fd> running, bool write, CancellationToken cancellationToken)
    {
        while (true)
        {
            AsyncGate.Passage? mounting = await container.RootfsGate.EnterAsync(cancellationToken);
            Task exit;
            try
            {
                using var passage = await container.Gate.EnterAsync(cancellationToken);
                if (parts.Containers.Find(container.Id) is null)
                    throw ContainerErrors.NotFound(container.Name);
                exit = container.NextExit;
                if (!ContainerStatus.HasProcess(container.Run.Status))
                {
                    var directory = stopped();
                    var owners = StoppedOwners.Find(parts, container.Record, directory);
                    if (!write)
                        return new(directory, owners, null);
                    var held = mounting;
                    mounting = null;
                    return new(directory, owners, null) { _uploading = container, _mounting = held, Interrupted = container.BeginUpload() };
                }

                if (TryOpenRunning(container, running) is { } found)
                    return new(found.Directory, new OwnerView(found.Ids), found.Ids.IsIdentity ? null : found.Ids);
            }
            finally
            {
                mounting?.Dispose();
            }

            // Its process has ended just now, and the engine has yet to hear of it.
            await exit.WaitAsync(s_endLimit, parts.Time, cancellationToken);
        }
    }

    private static (Fd Directory, IdMap Ids)? TryOpenRunning(Container container, Func<Fd, Fd> open)
    {
        var pid = container.Run.Pid;
        using var process = Processes.FindPidFd(pid);
        // The pidfd first, then the question whose child it is: a number may have gone to a stranger, a descriptor cannot.
        if (process is null || (container.Monitor is { } monitor && ParentOf(pid) != monitor.MonitorPid))
            return null;
        try
        {
            // Of the process itself: the engine may have been given another mapping since it began.
            var ids = IdMap.Parse(File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/uid_map"), File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/gid_map"));
            return (open(process), ids);
        }
        catch (Exception ended) when (ended is SyscallException { Number: Errno.ESRCH or Errno.EINVAL } or IOException)
        {
            return null;
        }
    }

    private static int ParentOf(int pid)
    {
        try
        {
            // proc_pid_stat(5): the name stands in parentheses and may hold anything; the parent is two fields behind it.
            var line = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
            return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return -1;
        }
    }

    private static Fd OpenStopped(EngineParts parts, Container container, bool write)
    {
        var record = container.Record;
        var snapshot = SnapshotOf(parts, record);
        // The next start looks its snapshot up again, which also forgets that this mount was a volatile one.
        container.Fresh = null;
        var binds = BindsOf(parts, record);
        try
        {
            if (write)
                return Mount(snapshot, record.HostConfig.ReadonlyRootfs == true, binds);
            try
            {
                return MountReadOnly(snapshot, binds);
            }
            catch (SyscallException missing) when (missing.Number == Errno.EROFS)
            {
                // A container that was never started lacks the mount points of its volumes.
                Mount(snapshot, false, binds).Dispose();
                parts.Snapshots.Find(record.Id.ToString());
                return MountReadOnly(snapshot, binds);
            }
        }
        catch (SyscallException refused)
        {
            throw GantryException.During($"look into the root filesystem of container {record.Name}", refused);
        }
    }

    private static Snapshot SnapshotOf(EngineParts parts, ContainerRecord record) => parts.Snapshots.Find(record.Id.ToString())
        ?? throw GantryException.Of(ErrorKind.Internal, $"the root filesystem of container {record.Name} is gone: remove the container and create it again");

    // Volatile: otherwise the end of the mount would sync the whole file system below it, whoever wrote to that.
    private static Fd Mount(Snapshot snapshot, bool readOnly, IReadOnlyList<DetachedBind> binds)
    {
        var mount = snapshot.RootfsMounts[0];
        var options = mount.Options.Contains("volatile") ? mount.Options : [.. mount.Options, "volatile"];
        return MountNamespaces.Assemble(mount.Type, mount.Source, string.Join(',', options), mount.WorkingDirectory!, readOnly, binds);
    }

    private static Fd MountReadOnly(Snapshot snapshot, IReadOnlyList<DetachedBind> binds)
    {
        var mount = snapshot.RootfsMounts[0];
        return MountNamespaces.Assemble(mount.Type, mount.Source, string.Join(',', RootfsView.Options(mount)), mount.WorkingDirectory!, readOnly: true, binds);
    }

    // In the order of their depth, so that a volume inside another one is seen; tmpfs mounts are empty while nothing runs.
    private static List<DetachedBind> BindsOf(EngineParts parts, ContainerRecord record)
    {
        List<DetachedBind> binds =
        [
            .. record.Mounts.Where(m => m.Kind is PlanMountKind.Bind or PlanMountKind.Volume && Path.Exists(m.Source))
                .OrderBy(m => m.Destination.Count(c => c == '/'))
                .Select(m => new DetachedBind(m.Source, m.Subpath, m.Destination, m.ReadOnly, !m.NonRecursive)),
        ];
        foreach (var (file, place) in (ReadOnlySpan<(string, string)>)[(parts.Paths.ResolvConf(record.Id), "/etc/resolv.conf"), (parts.Paths.Hostname(record.Id), "/etc/hostname"), (parts.Paths.Hosts(record.Id), "/etc/hosts")])
        {
            if (File.Exists(file) && !binds.Exists(bind => bind.Destination == place))
                binds.Add(new(file, null, place, false, false));
        }

        return binds;
    }
}
