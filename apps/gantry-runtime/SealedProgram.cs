using Gantry.Kernel.Sys;
using static Gantry.Kernel.Sys.MountFlags;

namespace Gantry.Apps.GantryRuntime;

/// <summary>
/// Keeps a container from overwriting this program on the host (CVE-2019-5736): an entry point of <c>/proc/self/exe</c> runs
/// it inside the container, and whoever then holds its file open for writing owns the host. So the program executes itself
/// once more, from a detached read-only mount of its own file, or where that cannot be made, from a copy in memory. Nothing
/// of this is needed, or paid for, when it is installed on a read-only file system.
/// </summary>
internal static class SealedProgram
{
    private const int LargestProgram = 1 << 30;

    /// <summary>Returns when this process runs from a file that cannot be written through a container.</summary>
    /// <exception cref="SyscallException">Neither way works.</exception>
    public static void Ensure()
    {
        using var own = Files.Open("/proc/self/exe", OpenFlags.O_PATH);
        if (Files.IsReadOnly(own) || IsInMemory()) return;
        if (Mounts.TryCloneTree(null, "/proc/self/exe", recursive: false, out var mount) == 0)
        {
            using (mount)
            {
                if (Mounts.TrySetAttributes(mount!, MOUNT_ATTR_RDONLY, 0, 0, recursive: false) == 0 && Files.IsReadOnly(mount!)) _ = Processes.TryExecuteAgain(mount!);
            }
        }

        using var copy = Files.CreateInMemory(MemoryName, Files.ReadAll("/proc/self/exe", LargestProgram));
        var result = Processes.TryExecuteAgain(copy);
        throw new SyscallException("execveat", -result, "a copy of this program");
    }

    private const string MemoryName = "gantry-runtime";

    private static bool IsInMemory() => Files.FindLink(null, "/proc/self/exe")?.StartsWith("/memfd:" + MemoryName, StringComparison.Ordinal) == true;
}
