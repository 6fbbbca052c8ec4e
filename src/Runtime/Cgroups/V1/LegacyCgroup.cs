using System.Diagnostics;
using Gantry.Kernel.Cgroups;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Cgroups.V1;

/// <summary>A container's cgroup in version 1: one directory in each hierarchy. Source: kernel Documentation/admin-guide/cgroup-v1.</summary>
internal sealed class LegacyCgroup : ICgroup
{
    private static readonly TimeSpan _freezeLimit = TimeSpan.FromSeconds(5);

    // Killing round by round is enough for all but what forks faster than we read.
    private const int KillRounds = 3;

    private readonly string[] _directories;

    public LegacyCgroup(IReadOnlyDictionary<string, string> paths, CgroupLayout layout)
    {
        Paths = paths;
        Layout = layout;
        _directories = [.. paths.Values.Distinct(StringComparer.Ordinal)];
        JoinPaths = [.. _directories.Select(directory => directory + "/tasks")];
    }

    public CgroupLayout Layout { get; }

    public IReadOnlyDictionary<string, string> Paths { get; }

    public IReadOnlyList<string> JoinPaths { get; }

    public string? UnifiedDirectory => null;

    public bool IsFrozen => Find("freezer") is { } freezer && ControlFile.Read(freezer, "freezer.state") is "FROZEN" or "FREEZING";

    /// <summary>Where a path lies in each hierarchy.</summary>
    public static Dictionary<string, string> PathsOf(CgroupMounts mounts, string path)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var hierarchy in mounts.V1)
        {
            foreach (var controller in hierarchy.Controllers)
                paths[controller] = CgroupPath.Directory(hierarchy, path);
        }

        return paths;
    }

    public static LegacyCgroup Create(CgroupMounts mounts, string path, LinuxResources? resources)
    {
        var cgroup = new LegacyCgroup(PathsOf(mounts, path), mounts.Layout);
        var made = new List<string>();
        try
        {
            foreach (var directory in cgroup._directories)
            {
                if (CgroupTree.Make(directory))
                    made.Add(directory);
                else if (CgroupTree.Pids(directory) is [var pid, ..])
                    throw GantryException.Of(ErrorKind.Conflict, $"cgroup {directory} is in use by process {pid}: choose another cgroups path, or end that process");
            }

            if (cgroup.Find("cpuset") is { } cpuset)
                InheritCpuset(cpuset, resources?.Cpu);
            if (resources is not null)
                LegacyLimits.Apply(cgroup, resources, fresh: true);
            return cgroup;
        }
        catch
        {
            foreach (var directory in made)
                Files.TryUnlinkAt(null, directory, OpenFlags.AT_REMOVEDIR);
            throw;
        }
    }

    /// <summary>The directory in the hierarchy that has a controller, or null.</summary>
    public string? Find(string controller) => Paths.GetValueOrDefault(controller);

    public void Update(LinuxResources resources) => LegacyLimits.Apply(this, resources, fresh: false);

    public void Freeze()
    {
        var freezer = Find("freezer") ?? throw GantryException.Of(ErrorKind.NotSupported, "a container cannot be paused here: no cgroup hierarchy has the \"freezer\" controller");
        ControlFile.Write(freezer, "freezer.state", "FROZEN");
        var watch = Stopwatch.StartNew();
        var wait = new SpinWait();
        while (ControlFile.Read(freezer, "freezer.state") != "FROZEN")
        {
            if (watch.Elapsed > _freezeLimit)
            {
                ControlFile.Write(freezer, "freezer.state", "THAWED");
                throw GantryException.Of(ErrorKind.TimedOut, $"the processes of cgroup {freezer} do not stop: one of them waits in the kernel (state D in ps)");
            }

            // Reading drives the freezing on, and version 1 has no event for it; a fork during it is only caught by asking again.
            wait.SpinOnce();
            ControlFile.Write(freezer, "freezer.state", "FROZEN");
        }
    }

    public void Thaw()
    {
        if (Find("freezer") is { } freezer)
            ControlFile.Write(freezer, "freezer.state", "THAWED");
    }

    public IReadOnlyList<int> Pids() => Main is { } main ? CgroupTree.Pids(main) : [];

    public void KillAll(int signal)
    {
        if (Main is not { } main)
            return;
        // A frozen process dies when it is thawed.
        if (IsFrozen)
        {
            CgroupTree.Signal(main, signal);
            if (signal == Processes.SIGKILL)
                Thaw();
            return;
        }

        for (var round = 0; round < KillRounds; round++)
        {
            if (CgroupTree.Signal(main, signal) == 0 || signal != Processes.SIGKILL)
                return;
        }

        if (Find("freezer") is null)
            return;
        try
        {
            Freeze();
            CgroupTree.Signal(main, signal);
        }
        finally
        {
            Thaw();
        }
    }

    public bool OomKilled() => Find("memory") is { } memory && ControlFile.Value(ControlFile.Read(memory, "memory.oom_control"), "oom_kill") > 0;

    public bool WaitsForMemory()
    {
        if (Find("memory") is not { } memory)
            return false;
        // Without the first one the kernel is about to choose what it kills.
        var control = ControlFile.Read(memory, "memory.oom_control");
        return ControlFile.Value(control, "oom_kill_disable") > 0 && ControlFile.Value(control, "under_oom") > 0;
    }

    public OomNotice? WatchOom() => Find("memory") is { } memory ? OomNotice.OfLegacy(memory) : null;

    public (long PeakBytes, long LimitBytes) Memory() =>
        Find("memory") is { } memory ? (ControlFile.Number(memory, "memory.max_usage_in_bytes"), ControlFile.Number(memory, "memory.limit_in_bytes")) : default;

    public void Delete()
    {
        // A frozen process cannot be killed.
        if (IsFrozen)
            Thaw();
        foreach (var directory in _directories)
            CgroupTree.Delete(directory);
    }

    // Any hierarchy will do for listing; these are the ones that hardly anybody moves processes in.
    private string? Main => Find("pids") ?? Find("devices") ?? Find("freezer") ?? _directories.FirstOrDefault();

    // A new cpuset is empty and takes no process: it starts with what its parent has, and so do parents just made.
    private static void InheritCpuset(string directory, LinuxCpu? asked)
    {
        Inherit("cpuset.cpus", asked?.Cpus);
        Inherit("cpuset.mems", asked?.Mems);

        void Inherit(string file, string? value)
        {
            if (string.IsNullOrEmpty(value))
                ControlFileValue(directory, file, 0);
            else
                ControlFileValue(Path.GetDirectoryName(directory)!, file, 0);
        }
    }

    private static string ControlFileValue(string directory, string file, int depth)
    {
        var value = ControlFile.Read(directory, file);
        if (value is null || value.Length > 0 || depth > 32)
            return value ?? "";
        value = ControlFileValue(Path.GetDirectoryName(directory)!, file, depth + 1);
        if (value.Length > 0)
            ControlFile.Write(directory, file, value);
        return value;
    }
}
