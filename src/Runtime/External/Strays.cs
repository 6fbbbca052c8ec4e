using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.External;

/// <summary>
/// Children that nobody asked for: what a runtime's command left in a container when it failed half-way. One that is not
/// reaped keeps its pid namespace, and with it the container's first process, from ending.
/// </summary>
/// <remarks>Source: kernel/pid_namespace.c zap_pid_ns_processes: init waits there until every other process has been reaped.</remarks>
internal sealed class Strays(EpollLoop loop)
{
    private readonly Dictionary<int, (Fd Process, EpollSource Source)> _watched = [];

    /// <summary>Waits on the loop for the end of children, and reaps them.</summary>
    /// <param name="isStray">Whether a child is one that nobody else waits for.</param>
    public void Watch(Predicate<int> isStray)
    {
        foreach (var pid in Processes.Children())
        {
            if (_watched.ContainsKey(pid) || !isStray(pid) || Processes.FindPidFd(pid) is not { } process)
                continue;
            _watched[pid] = (process, loop.Add(process, Readiness.Readable, _ => Reap(pid)));
        }
    }

    /// <summary>Reaps those that have ended, without the loop.</summary>
    public void Reap()
    {
        foreach (var pid in _watched.Keys.ToArray())
            Reap(pid);
    }

    private void Reap(int pid)
    {
        var (process, source) = _watched[pid];
        // Anything but "it still runs": it has been reaped now, or is not ours to reap.
        if (Processes.TryWait(process, block: false, out var exit) == 0 && exit is null)
            return;
        source.Remove();
        process.Dispose();
        _watched.Remove(pid);
    }
}
