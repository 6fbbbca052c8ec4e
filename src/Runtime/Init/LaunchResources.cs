using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Runtime.Init;

/// <summary>Descriptors opened for one child; the parent's copies are closed when the child has its own.</summary>
internal sealed class LaunchResources : IDisposable
{
    private readonly List<Fd> _opened = [];

    /// <summary>Keeps a descriptor until the fork is done.</summary>
    public int Keep(Fd fd)
    {
        _opened.Add(fd);
        return fd.Number;
    }

    /// <summary>Opens cgroup files for writing "0".</summary>
    /// <exception cref="GantryException">The cgroup is not there.</exception>
    public IReadOnlyList<int> OpenCgroupFiles(IReadOnlyList<string> paths)
    {
        var numbers = new List<int>(paths.Count);
        foreach (var path in paths)
        {
            var result = Files.TryOpenAt(null, path, OpenFlags.O_WRONLY, 0, out var fd);
            if (result < 0) throw LaunchErrors.Of(LaunchStage.Namespaces, $"open {path}", new SyscallException("openat", -result, path));
            numbers.Add(Keep(fd!));
        }

        return numbers;
    }

    /// <summary>The sources of the standard streams, at numbers that no target overwrites before it is read.</summary>
    public IReadOnlyList<int> Streams(StdioFds stdio)
    {
        Span<int> wanted = [stdio.Input?.Number ?? 0, stdio.Output?.Number ?? 1, stdio.Error?.Number ?? 2];
        var numbers = new int[3];
        for (var i = 0; i < 3; i++) numbers[i] = wanted[i] == i || wanted[i] > 2 ? wanted[i] : Keep(Files.Duplicate(wanted[i]));
        return numbers;
    }

    /// <summary>Which streams may be given to the process's user: not /dev/null, which is everybody's.</summary>
    public static IReadOnlyList<bool> Owned(IReadOnlyList<int> streams)
    {
        var owned = new bool[3];
        for (var i = 0; i < 3; i++)
        {
            // NOTE: a descriptor of somebody else, looked at without owning it.
            owned[i] = Files.TryStatus(null, $"/proc/self/fd/{streams[i]}", 0, out var status) == 0 && status is not { IsCharDevice: true, RdevMajor: 1 };
        }

        return owned;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var fd in _opened) fd.Dispose();
        _opened.Clear();
    }
}
