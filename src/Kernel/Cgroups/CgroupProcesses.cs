using System.Globalization;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Cgroups;

/// <summary>Who is in a cgroup.</summary>
public static class CgroupProcesses
{
    // A tree this deep was built to exhaust the stack of whoever walks it.
    private const int DepthLimit = 64;

    /// <summary>The processes of a directory and of those below it, ascending and once each; empty when it is gone.</summary>
    public static IReadOnlyList<int> Read(string directory)
    {
        var pids = new SortedSet<int>();
        Collect(directory, pids, 0);
        return [.. pids];
    }

    /// <summary>The directories right below one.</summary>
    public static IReadOnlyList<string> Children(string directory)
    {
        // A directory of a cgroup file system has two links and one more for each directory in it.
        if (Files.TryStatus(null, directory, 0, out var status) < 0 || status.LinkCount == 2)
            return [];
        try
        {
            return Directory.GetDirectories(directory);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static void Collect(string directory, SortedSet<int> pids, int depth)
    {
        foreach (var line in (UsageFile.Find(directory, "cgroup.procs") ?? "").AsSpan().EnumerateLines())
        {
            // 0 stands for a process of another pid namespace, which we cannot name.
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0)
                pids.Add(pid);
        }

        if (depth >= DepthLimit)
            return;
        foreach (var child in Children(directory))
            Collect(child, pids, depth + 1);
    }
}
