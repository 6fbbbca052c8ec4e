using System.Diagnostics;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Cgroups;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Runtime.Cgroups;

/// <summary>What both generations have in common: directories that hold processes and further directories.</summary>
internal static class CgroupTree
{
    private static readonly TimeSpan _deleteLimit = TimeSpan.FromSeconds(5);

    // A tree this deep was built to exhaust the stack of whoever removes it.
    private const int DepthLimit = 64;

    /// <summary>Makes a directory and those above it; true when it was not there before.</summary>
    /// <exception cref="GantryException">Forbidden, Internal: the kernel refuses, with the reason.</exception>
    public static bool Make(string directory)
    {
        // The rare ENOENT twice: another engine removed an empty parent in between.
        for (var attempt = 0; ; attempt++)
        {
            var result = Files.TryMkdirAt(null, directory, 0x1ED /* 0755 */);
            if (result == 0)
                return true;
            if (result == -Errno.EEXIST)
                return false;
            var parent = Path.GetDirectoryName(directory);
            if (result != -Errno.ENOENT || attempt == 3 || string.IsNullOrEmpty(parent) || parent == "/")
            {
                var why = -result switch
                {
                    Errno.EROFS => "cgroups are mounted read-only here; an engine inside a container needs them writable",
                    Errno.EACCES or Errno.EPERM => "cgroups are made by root",
                    Errno.EAGAIN => "the cgroup above has reached its number of descendants",
                    _ => Errno.Text(-result),
                };
                throw GantryException.Of(ErrorKind.Forbidden, $"cannot make cgroup {directory}: {why} ({Errno.Name(-result)})", new(LaunchStage.Confine, -result));
            }

            Make(parent);
        }
    }

    /// <summary>The processes of a directory and of those below it, ascending and once each.</summary>
    public static IReadOnlyList<int> Pids(string directory) => CgroupProcesses.Read(directory);

    /// <summary>
    /// Signals every process of a tree, as it is now. A number read from a file may belong to another process by the time it
    /// is used: each is first held by a pidfd and then looked for again.
    /// </summary>
    /// <returns>How many were signalled.</returns>
    public static int Signal(string directory, int signal)
    {
        var held = Hold(directory);
        try
        {
            foreach (var fd in held.Values)
                Processes.TrySignal(fd, signal);
            return held.Count;
        }
        finally
        {
            foreach (var fd in held.Values)
                fd.Dispose();
        }
    }

    /// <summary>Removes a directory with all below it, killing what is inside. What is not there is no error.</summary>
    /// <exception cref="GantryException">Conflict: something in it does not die in time.</exception>
    public static void Delete(string directory)
    {
        var result = Files.TryUnlinkAt(null, directory, OpenFlags.AT_REMOVEDIR);
        if (result is 0 or -Errno.ENOENT)
            return;

        var watch = Stopwatch.StartNew();
        var wait = new SpinWait();
        while (true)
        {
            RemoveChildren(directory, 0);
            KillAndWait(directory, _deleteLimit - watch.Elapsed);
            result = Files.TryUnlinkAt(null, directory, OpenFlags.AT_REMOVEDIR);
            if (result is 0 or -Errno.ENOENT)
                return;
            if (result != -Errno.EBUSY || watch.Elapsed > _deleteLimit)
            {
                var left = Pids(directory);
                throw GantryException.Of(ErrorKind.Conflict, $"cannot remove cgroup {directory}: {(left.Count > 0 ? $"process {string.Join(", ", left)} in it does not end" : Errno.Text(-result))} ({Errno.Name(-result)})");
            }

            // A task that has ended leaves its cgroup a moment after its parent hears of it; no event tells of that moment.
            wait.SpinOnce();
        }
    }

    private static void KillAndWait(string directory, TimeSpan limit)
    {
        var held = Hold(directory);
        foreach (var fd in held.Values)
            Processes.TrySignal(fd, Processes.SIGKILL);
        var watch = Stopwatch.StartNew();
        foreach (var fd in held.Values)
        {
            var left = limit - watch.Elapsed;
            Processes.WaitForEnd(fd, left > TimeSpan.Zero ? (int)left.TotalMilliseconds : 0);
            fd.Dispose();
        }
    }

    private static Dictionary<int, Fd> Hold(string directory)
    {
        var held = new Dictionary<int, Fd>();
        foreach (var pid in Pids(directory))
        {
            if (Processes.FindPidFd(pid) is { } fd)
                held.Add(pid, fd);
        }

        if (held.Count == 0)
            return held;
        var still = Pids(directory).ToHashSet();
        foreach (var (pid, fd) in held.Where(pair => !still.Contains(pair.Key)).ToList())
        {
            fd.Dispose();
            held.Remove(pid);
        }

        return held;
    }

    private static void RemoveChildren(string directory, int depth)
    {
        if (depth >= DepthLimit)
            return;
        foreach (var child in CgroupProcesses.Children(directory))
        {
            RemoveChildren(child, depth + 1);
            Files.TryUnlinkAt(null, child, OpenFlags.AT_REMOVEDIR);
        }
    }
}
