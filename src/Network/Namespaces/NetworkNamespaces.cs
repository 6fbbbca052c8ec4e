using Gantry.Kernel.Fds;
using Gantry.Kernel.Netlink;
using Gantry.Kernel.Sys;

namespace Gantry.Network.Namespaces;

/// <summary>Network namespaces by descriptor, and the paths by which a runtime joins them.</summary>
public static class NetworkNamespaces
{
    /// <summary>The path by which another process joins a namespace that this process holds.</summary>
    public static string PathOf(Fd netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        return $"/proc/{Environment.ProcessId}/fd/{netns.Number}";
    }

    /// <summary>The path of a process's namespace, for <c>--network container:ID</c>.</summary>
    public static string PathOfProcess(int pid) => $"/proc/{pid}/ns/net";

    /// <summary>Opens a process's namespace.</summary>
    /// <exception cref="SyscallException">The process is gone, or may not be looked at.</exception>
    public static Fd OpenOfProcess(int pid) => Kernel.Sys.Files.Open(PathOfProcess(pid), OpenFlags.O_RDONLY);

    /// <summary>Makes a namespace whose loopback interface is up and that has no other, for <c>--network none</c>.</summary>
    /// <exception cref="SyscallException">A step was refused; nothing is left.</exception>
    public static Task<Fd> CreateLoopbackAsync() => NetworkThread.OnceAsync("gantry-netns", null, () =>
    {
        var netns = Create();
        try
        {
            using var inside = RouteSocket.Open();
            inside.SetUpLoopback();
            return netns;
        }
        catch
        {
            netns.Dispose();
            throw;
        }
    });

    /// <summary>
    /// Moves the calling thread into a new namespace and opens it. In it interfaces that come later have no IPv6: the
    /// bridge offers none, and a link-local address would only cost time for duplicate address detection.
    /// </summary>
    internal static Fd Create()
    {
        Kernel.Sys.Namespaces.Unshare(Kernel.Sys.Namespaces.CLONE_NEWNET);
        Sysctls.TryWrite("net/ipv6/conf/default/disable_ipv6", "1");
        return Kernel.Sys.Files.Open("/proc/thread-self/ns/net", OpenFlags.O_RDONLY);
    }
}
