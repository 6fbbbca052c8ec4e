using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Monitor;

/// <summary>Cleans up after a monitor that was killed: its container's processes, its control group, its files.</summary>
internal static class MonitorSweep
{
    private const int KillMs = 5000;

    /// <summary>Sweeps a run-time directory. Records an exit of 137 when none was recorded.</summary>
    public static void Run(string directory, TimeProvider time)
    {
        var files = new MonitorFiles(directory);
        if (files.FindRecord() is { } record)
        {
            Kill(record.Pid, record.StartTicks);
            var cgroup = record.CgroupPaths.Count > 0 ? Cgroup.Open(record.CgroupPaths) : null;
            // NOTE: before init is waited for: paused, or frozen by a monitor that was killed while it killed, it could not die.
            cgroup?.KillAll(Processes.SIGKILL);
            Kill(record.InitPid, record.InitStartTicks);
            cgroup?.Delete();
        }
        if (!files.HasExit)
            files.WriteExit(new ContainerExit(128 + Processes.SIGKILL, time.GetUtcNow(), OomKilled: false));
        files.RemoveSocketAndRecord();
    }

    private static void Kill(int pid, long startTicks)
    {
        if (pid <= 0 || Processes.FindPidFd(pid) is not { } process)
            return;
        using (process)
        {
            // Opened first, then compared: the descriptor cannot come to mean another process.
            if (MonitorRecord.StartTicksOf(pid) != startTicks)
                return;
            Processes.TrySignal(process, Processes.SIGKILL);
            if (!Processes.WaitForEnd(process, KillMs))
                throw GantryException.Of(ErrorKind.Conflict, $"process {pid} cannot be killed: it is stuck in the kernel, see /proc/{pid}/stack");
        }
    }
}
