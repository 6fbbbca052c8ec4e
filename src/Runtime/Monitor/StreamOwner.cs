using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;
using Gantry.Runtime.Namespaces;

namespace Gantry.Runtime.Monitor;

/// <summary>Pipes of processes in a user namespace: the process cannot take what belongs to a user who is not in it.</summary>
internal static class StreamOwner
{
    /// <summary>Gives a process's streams to its user, so that it can open /dev/stdout; does nothing without id mappings.</summary>
    /// <param name="streams">Made for it, but for /dev/null.</param>
    /// <param name="linux">The container's configuration.</param>
    /// <param name="uid">The process's user, as the container counts.</param>
    /// <exception cref="SyscallException">The kernel refused.</exception>
    public static void Give(StdioFds streams, LinuxConfig? linux, uint uid)
    {
        if (linux?.UidMappings is not { Count: > 0 } || UserNamespaces.ToHost(linux.UidMappings, uid) is not { } user)
            return;
        var group = UserNamespaces.ToHost(linux.GidMappings, 0) ?? uint.MaxValue;
        foreach (var stream in (Fd?[])[streams.Input, streams.Output, streams.Error])
        {
            if (stream is null || Files.Status(stream).IsCharDevice)
                continue;
            var result = Files.TryChownAt(stream, "", user, group);
            if (result < 0 && result != -Errno.EPERM)
                throw new SyscallException("fchownat", -result);
        }
    }
}
