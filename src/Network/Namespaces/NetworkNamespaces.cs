using Gantry.Kernel.Fds;
using Gantry.Kernel.Netlink;
using Gantry.Kernel.Sys;

namespace Gantry.Network.Namespaces;

/// <summary>Network namespaces by descriptor, and the paths by which a runtime joins them.</summary>
public static class NetworkNamespaces
{
    /// <summary>Settings of a namespace on a bridge with IPv6, below /proc/sys: addresses are the engine's to give, and hold at once.</summary>
    public static IReadOnlyList<(string Name, string Value)> WithIPv6 { get; } =
    [
        ("net/ipv6/conf/default/disable_ipv6", "0"), ("net/ipv6/conf/default/accept_ra", "0"), ("net/ipv6/conf/default/accept_dad", "0"),
    ];

    /// <summary>Settings of a namespace on a bridge without.</summary>
    public static IReadOnlyList<(string Name, string Value)> WithoutIPv6 { get; } = [("net/ipv6/conf/default/disable_ipv6", "1")];

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
    /// Moves the calling thread into a new namespace and opens it. Where the bridge offers no IPv6, interfaces that come
    /// later have none: a link-local address would only cost time for duplicate address detection.
    /// </summary>
    internal static Fd Create(bool hasIPv6 = false)
    {
        Kernel.Sys.Namespaces.Unshare(Kernel.Sys.Namespaces.CLONE_NEWNET);
        foreach (var (name, value) in hasIPv6 ? WithIPv6 : WithoutIPv6)
            Sysctls.TryWrite(name, value);
        return Kernel.Sys.Files.Open("/proc/thread-self/ns/net", OpenFlags.O_RDONLY);
    }
}
