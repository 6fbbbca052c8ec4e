using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Cgroups;

/// <summary>The control group of one container, in every hierarchy it exists in. Not for several threads at once.</summary>
public interface ICgroup
{
    /// <summary>Which generation carries it.</summary>
    CgroupLayout Layout { get; }

    /// <summary>Its directories by controller (v1; <c>name=systemd</c> for the named one) or <c>""</c> (v2). Kept in a container's state; <see cref="Cgroup.Open"/> takes it back.</summary>
    IReadOnlyDictionary<string, string> Paths { get; }

    /// <summary>
    /// The files into which a single-threaded child writes <c>0</c> to join, one per hierarchy. In v1 they are <c>tasks</c>:
    /// ten milliseconds faster than <c>cgroup.procs</c>, because the kernel then takes no thread-group lock.
    /// </summary>
    IReadOnlyList<string> JoinPaths { get; }

    /// <summary>v2 only: the directory to open for CLONE_INTO_CGROUP; null in v1.</summary>
    string? UnifiedDirectory { get; }

    /// <summary>Changes the limits that are given and leaves the others.</summary>
    /// <exception cref="GantryException">Invalid: the kernel refuses a value; the sentence names file and value.</exception>
    void Update(LinuxResources resources);

    /// <summary>Stops every process in it; returns when they have stopped.</summary>
    void Freeze();

    /// <summary>Lets frozen processes run again.</summary>
    void Thaw();

    /// <summary>True while frozen.</summary>
    bool IsFrozen { get; }

    /// <summary>The processes in it and below it, ascending. Empty when it is gone.</summary>
    IReadOnlyList<int> Pids();

    /// <summary>Sends a signal to every process in it and below it, so that none can escape by forking when it is SIGKILL.</summary>
    void KillAll(int signal);

    /// <summary>Whether the kernel killed a process in it for want of memory.</summary>
    bool OomKilled();

    /// <summary>Whether its processes stand still until memory is freed, because nothing in it may be killed (--oom-kill-disable).</summary>
    bool WaitsForMemory();

    /// <summary>Tells of both as they happen; null when the kernel cannot, or there is no memory controller.</summary>
    OomNotice? WatchOom();

    /// <summary>The most memory it has used and the limit, in bytes; 0: unknown, or none.</summary>
    (long PeakBytes, long LimitBytes) Memory();

    /// <summary>Removes it and everything below, killing what still runs in it. Removing what is gone is no error.</summary>
    /// <exception cref="GantryException">Conflict: a process cannot be killed within five seconds.</exception>
    void Delete();
}
