using System.Net;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>The modes of namespaces, and what does not go together with them.</summary>
/// <remarks>Source: moby runconfig/errors.go and hostconfig_unix.go.</remarks>
internal static class NamespaceChecks
{
    public static void Find(ContainerConfig config, HostConfig host, List<string> problems)
    {
        Mode("network", host.NetworkMode, _ => true, problems);
        Mode("IPC", host.IpcMode, mode => mode is "" or "private" or "shareable" or "host" or "none", problems);
        Mode("PID", host.PidMode, mode => mode is "" or "private" or "host", problems);
        if (host.UTSMode is not (null or "" or "private" or "host"))
            problems.Add($"invalid UTS mode: {host.UTSMode}");
        if (host.UsernsMode is not (null or "" or "host"))
            problems.Add($"invalid user namespace mode: {host.UsernsMode}");
        if (host.CgroupnsMode is not (null or "" or "private" or "host"))
            problems.Add($"invalid cgroup namespace mode: {host.CgroupnsMode}");

        if (ContainerModes.IsHost(host.UTSMode) && !string.IsNullOrEmpty(config.Hostname))
            problems.Add("conflicting options: hostname and the UTS mode");
        if (ContainerModes.ContainerOf(host.NetworkMode) is not null)
            Shared(config, host, problems);
        foreach (var entry in host.ExtraHosts ?? [])
            ExtraHost(entry, problems);
        foreach (var server in host.Dns ?? [])
        {
            if (!IPAddress.TryParse(server, out _))
                problems.Add($"invalid DNS server \"{server}\": it is not an IP address");
        }
    }

    private static void Mode(string kind, string? mode, Func<string, bool> known, List<string> problems)
    {
        mode ??= "";
        if (ContainerModes.ContainerOf(mode) is { } container)
        {
            if (container.Length == 0)
                problems.Add("invalid container format container:<name|id>");
        }
        else if (!known(mode))
        {
            problems.Add($"invalid {kind} mode: {mode}");
        }
    }

    // The network belongs to the other container, with its name, its ports and its resolver.
    private static void Shared(ContainerConfig config, HostConfig host, List<string> problems)
    {
        if (!string.IsNullOrEmpty(config.Hostname))
            problems.Add("conflicting options: hostname and the network mode");
        if (host.Links is { Count: > 0 })
            problems.Add("conflicting options: container type network can't be used with links. This would result in undefined behavior");
        if (host.Dns is { Count: > 0 })
            problems.Add("conflicting options: dns and the network mode");
        if (host.ExtraHosts is { Count: > 0 })
            problems.Add("conflicting options: custom host-to-IP mapping and the network mode");
        if (host.PortBindings is { Count: > 0 } || host.PublishAllPorts == true)
            problems.Add("conflicting options: port publishing and the container type network mode");
        // Exposed ports come with images as well: only the client's own would be refused, and they are merged here.
    }

    private static void ExtraHost(string entry, List<string> problems)
    {
        var separator = entry.AsSpan().IndexOfAny('=', ':');
        if (separator <= 0)
        {
            problems.Add($"bad format for add-host: \"{entry}\"");
            return;
        }

        var address = entry[(separator + 1)..].Trim('[', ']');
        if (address != "host-gateway" && !IPAddress.TryParse(address, out _))
            problems.Add($"invalid IP address in add-host: \"{address}\"");
    }
}
