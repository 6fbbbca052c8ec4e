using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Monitors;

/// <summary>The runtime's binary as monitors execute it, and how they are started.</summary>
/// <remarks>
/// It is executed from a detached, read-only clone of its mount: a process in a container that gets hold of
/// <c>/proc/pid/exe</c> finds a file that it cannot write (CVE-2019-5736).
/// </remarks>
internal sealed class MonitorBinary : IDisposable
{
    // The monitor's heap: some 100 KiB live. Hexadecimal without 0x, as the runtime reads it. Without a limit the collector
    // reserves address space by the machine's memory, and lets the youngest generation grow to the size of the cache.
    // NOTE: gcConcurrent against a fault of .NET 10's collector (dotnet/runtime issue 129681): without it the last page of its
    // table of regions is never committed, and a heap with a limit of its own gets there soon: SIGSEGV in init_heap_segment.
    // The monitor then asks for blocking collections all the same.
    private static readonly string[] Environment =
    [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DOTNET_GCHeapHardLimit=2000000", "DOTNET_GCgen0size=40000", "DOTNET_gcConcurrent=1", "DOTNET_TieredCompilation=0",
    ];

    private readonly string _path;
    private readonly Fd? _mount;
    private readonly Fd _null;

    /// <exception cref="GantryException">NotFound: there is no such binary.</exception>
    public MonitorBinary(string path)
    {
        if (!File.Exists(path))
            throw GantryException.Of(ErrorKind.NotFound, $"the runtime \"{path}\" is not there: build it, or say where it is");
        _path = path;
        _null = Files.Open("/dev/null", OpenFlags.O_RDWR);
        if (Mounts.TryCloneTree(null, Path.GetFullPath(path), recursive: false, out var mount) < 0)
            return; // no privilege for mounts: then containers have none over this file either
        if (Mounts.TrySetAttributes(mount!, MountFlags.MOUNT_ATTR_RDONLY | MountFlags.MOUNT_ATTR_NOSUID | MountFlags.MOUNT_ATTR_NODEV, 0, 0, recursive: false) < 0)
        {
            mount!.Dispose();
            return;
        }
        _mount = mount;
        // NOTE: not /proc/self: the child closes its descriptors before it executes, this process keeps them.
        _path = $"/proc/{System.Environment.ProcessId}/fd/{mount!.Number}";
    }

    /// <summary>Starts a monitor.</summary>
    /// <param name="arguments">Behind the word <c>monitor</c>.</param>
    /// <param name="complaints">What becomes its standard error; null: nothing.</param>
    /// <param name="control">What becomes its descriptor 3; null: nothing.</param>
    public (int Pid, Fd Process) Start(IReadOnlyList<string> arguments, Fd? complaints, Fd? control)
    {
        try
        {
            List<Fd> fds = [_null, _null, complaints ?? _null];
            if (control is not null)
                fds.Add(control);
            return Spawn.Start(_path, ["gantry-runtime", "monitor", .. arguments], Environment, fds);
        }
        catch (SyscallException error)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"a monitor could not be started: {error.Message}", cause: error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mount?.Dispose();
        _null.Dispose();
    }
}
