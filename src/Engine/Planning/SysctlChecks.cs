using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Which sysctls a container may set: those of a namespace of its own. The runtime checks them again.</summary>
/// <remarks>Source: moby opts.ValidateSysctl.</remarks>
internal static class SysctlChecks
{
    private static readonly HashSet<string> _ipc = new(StringComparer.Ordinal)
    {
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    };

    public static void Find(string name, HostConfig host, List<string> problems)
    {
        var dotted = name.Replace('/', '.');
        if (dotted.StartsWith("net.", StringComparison.Ordinal))
        {
            if (ContainerModes.IsHost(host.NetworkMode))
                problems.Add($"sysctl '{name}' cannot be set with the host's network: it would change the host; leave --network host or the sysctl out");
        }
        else if (_ipc.Contains(dotted) || dotted.StartsWith("fs.mqueue.", StringComparison.Ordinal))
        {
            if (ContainerModes.IsHost(host.IpcMode))
                problems.Add($"sysctl '{name}' cannot be set with the host's IPC namespace: it would change the host; leave --ipc host or the sysctl out");
        }
        else if (dotted != "kernel.domainname" || ContainerModes.IsHost(host.UTSMode))
        {
            problems.Add($"sysctl '{name}' is not allowed: it is not one of a namespace of the container's own");
        }
    }
}
