using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;

namespace Gantry.Network.Namespaces;

/// <summary>Network settings of the calling thread's namespace, below /proc/sys.</summary>
internal static class Sysctls
{
    /// <summary>Reads a setting; null when this kernel has none of that name.</summary>
    public static string? Read(string name)
    {
        if (Kernel.Sys.Files.TryOpenAt(null, "/proc/sys/" + name, OpenFlags.O_RDONLY, 0, out var opened) < 0)
            return null;
        using var fd = opened!;
        Span<byte> buffer = stackalloc byte[64];
        return Encoding.ASCII.GetString(buffer[..Kernel.Sys.Files.Read(fd, buffer)]).Trim();
    }

    /// <summary>Writes a setting, if this kernel has it.</summary>
    /// <exception cref="SyscallException">It may not be written; the subject names it.</exception>
    public static void TryWrite(string name, string value)
    {
        var result = Kernel.Sys.Files.TryOpenAt(null, "/proc/sys/" + name, OpenFlags.O_WRONLY, 0, out var opened);
        if (result == -Errno.ENOENT)
            return;
        if (result < 0)
            throw new SyscallException("sysctl", -result, name);
        using var fd = opened!;
        Kernel.Sys.Files.Write(fd, Encoding.ASCII.GetBytes(value));
    }
}
