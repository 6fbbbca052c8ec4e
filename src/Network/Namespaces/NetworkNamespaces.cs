using Gantry.Kernel.Fds;

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
}
