using System.Diagnostics;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Cgroups;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Cgroups.V2;

/// <summary>A container's cgroup in version 2: one directory. Source: kernel Documentation/admin-guide/cgroup-v2.rst.</summary>
internal sealed class UnifiedCgroup : ICgroup
{
    private const int FreezeLimitMs = 5000;

    private static readonly string[] _controllers = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma"];

    private readonly string _directory;

    public UnifiedCgroup(string directory)
    {
        _directory = directory;
        Paths = new Dictionary<string, string>(StringComparer.Ordinal) { [""] = directory };
        JoinPaths = [directory + "/cgroup.procs"];
    }

    public CgroupLayout Layout => CgroupLayout.V2;

    public IReadOnlyDictionary<string, string> Paths { get; }

    public IReadOnlyList<string> JoinPaths { get; }

    public string? UnifiedDirectory => _directory;

    public bool IsFrozen => ControlFile.Value(ControlFile.Read(_directory, "cgroup.events"), "frozen") == 1;

    public static UnifiedCgroup Create(CgroupHierarchy hierarchy, string path, LinuxResources? resources)
    {
        var cgroup = new UnifiedCgroup(CgroupPath.Directory(hierarchy, path));
        var made = CgroupTree.Make(cgroup._directory);
        try
        {
            if (!made && CgroupTree.Pids(cgroup._directory) is [var pid, ..])
                throw GantryException.Of(ErrorKind.Conflict, $"cgroup {cgroup._directory} is in use by process {pid}: choose another cgroups path, or end that process");
            Enable(hierarchy.MountPoint, Path.GetDirectoryName(cgroup._directory)!);
            if (resources is not null)
                UnifiedLimits.Apply(cgroup._directory, resources);
            return cgroup;
        }
        catch
        {
            if (made)
                Files.TryUnlinkAt(null, cgroup._directory, OpenFlags.AT_REMOVEDIR);
            throw;
        }
    }

    public void Update(LinuxResources resources) => UnifiedLimits.Apply(_directory, resources);

    public void Freeze()
    {
        ControlFile.Write(_directory, "cgroup.freeze", "1");
        // The kernel marks the events file as changed when the last process has stopped; poll(2) tells of it.
        var watch = Stopwatch.StartNew();
        using var events = Files.Open($"{_directory}/cgroup.events", OpenFlags.O_RDONLY);
        while (ControlFile.Value(System.Text.Encoding.ASCII.GetString(CgroupEvents.Read(events)), "frozen") != 1)
        {
            var left = FreezeLimitMs - (int)watch.ElapsedMilliseconds;
            if (left > 0 && CgroupEvents.WaitForChange(events, left))
                continue;
            ControlFile.Write(_directory, "cgroup.freeze", "0");
            throw GantryException.Of(ErrorKind.TimedOut, $"the processes of cgroup {_directory} do not stop: one of them waits in the kernel (state D in ps)");
        }
    }

    public void Thaw() => ControlFile.Write(_directory, "cgroup.freeze", "0");

    public IReadOnlyList<int> Pids() => CgroupTree.Pids(_directory);

    public void KillAll(int signal)
    {
        // One write kills them all and whatever they fork meanwhile; since kernel 5.14.
        if (signal == Processes.SIGKILL && Files.TryWriteControl($"{_directory}/cgroup.kill", "1") == 0)
            return;
        CgroupTree.Signal(_directory, signal);
    }

    public bool OomKilled() => ControlFile.Value(ControlFile.Read(_directory, "memory.events"), "oom_kill") > 0;

    // There is no such setting with version 2.
    public bool WaitsForMemory() => false;

    public OomNotice? WatchOom() => OomNotice.OfUnified(_directory);

    public (long PeakBytes, long LimitBytes) Memory() => (ControlFile.Number(_directory, "memory.peak"), ControlFile.Number(_directory, "memory.max"));

    public void Delete()
    {
        var result = Files.TryUnlinkAt(null, _directory, OpenFlags.AT_REMOVEDIR);
        if (result is 0 or -Errno.ENOENT)
            return;
        KillAll(Processes.SIGKILL);
        CgroupTree.Delete(_directory);
    }

    /// <summary>Lets the children of a directory have controllers; each directory above must hand them down first.</summary>
    private static void Enable(string mountPoint, string parent)
    {
        if (!parent.StartsWith(mountPoint, StringComparison.Ordinal))
            return;
        var wanted = Words(mountPoint, "cgroup.controllers").Intersect(_controllers).ToList();
        if (wanted.Count == 0 || !wanted.Except(Words(parent, "cgroup.subtree_control")).Any())
            return;
        var directory = mountPoint;
        foreach (var part in parent[mountPoint.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries).Prepend(""))
        {
            directory = part.Length == 0 ? directory : $"{directory}/{part}";
            var missing = Words(directory, "cgroup.controllers").Intersect(wanted).Except(Words(directory, "cgroup.subtree_control")).ToList();
            if (missing.Count == 0 || Files.TryWriteControl($"{directory}/cgroup.subtree_control", string.Join(' ', missing.Select(name => "+" + name))) == 0)
                continue;
            // One that cannot be enabled (EBUSY: processes in the directory itself) must not keep the others; a limit that needs it will say so.
            foreach (var name in missing)
                Files.TryWriteControl($"{directory}/cgroup.subtree_control", "+" + name);
        }
    }

    private static string[] Words(string directory, string file) => (ControlFile.Read(directory, file) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
