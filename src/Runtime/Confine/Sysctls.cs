using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>Which sysctls a container may set: those of a namespace of its own, as anything else would change the host.</summary>
/// <remarks>Source: runc libcontainer/configs/validate, sysctl.</remarks>
public static class Sysctls
{
    private static readonly HashSet<string> _ipc = new(StringComparer.Ordinal)
    {
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    };

    /// <summary>Checks every sysctl of a config and gives the paths below <c>/proc/sys</c> to write, relative, with their values.</summary>
    /// <exception cref="GantryException">Invalid: all sysctls that would reach beyond the container, in one sentence each.</exception>
    public static IReadOnlyList<(string Path, string Value)> Of(RuntimeConfig config)
    {
        var writes = new List<(string, string)>();
        var problems = new List<string>();
        foreach (var (name, value) in config.Linux?.Sysctl ?? new Dictionary<string, string>())
        {
            if (Problem(name, config) is { } problem)
                problems.Add(problem);
            else
                writes.Add((ToPath(name), value));
        }

        if (problems.Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, string.Join("; ", problems));
        return writes;
    }

    private static string? Problem(string name, RuntimeConfig config)
    {
        var path = ToPath(name);
        if (path.Split('/').Any(part => part is "" or "." or "..") || path.Contains('\0', StringComparison.Ordinal))
            return $"sysctl \"{name}\" is not a name of one: write it like net.ipv4.ip_forward";
        var dotted = path.Replace('/', '.');
        if (_ipc.Contains(dotted) || dotted.StartsWith("fs.mqueue.", StringComparison.Ordinal))
            return Own(config, "ipc") ? null : $"sysctl \"{name}\" is not allowed in the hosts ipc namespace";
        if (dotted.StartsWith("net.", StringComparison.Ordinal))
            return Own(config, "network") ? null : $"sysctl \"{name}\" not allowed in host network namespace";
        if (dotted.StartsWith("user.", StringComparison.Ordinal))
            return Own(config, "user") ? null : $"sysctl \"{name}\" is not allowed without a user namespace of the container's own";
        if (dotted == "kernel.domainname")
            return Own(config, "uts") ? null : $"sysctl \"{name}\" is not allowed in the host uts namespace";
        if (dotted == "kernel.hostname")
            return !Own(config, "uts") ? $"sysctl \"{name}\" is not allowed in the host uts namespace" : config.Hostname is { Length: > 0 } ? "sysctl \"kernel.hostname\" is not allowed as it conflicts with the OCI \"hostname\" field" : null;
        return $"sysctl \"{name}\" is not in a separate kernel namespace";
    }

    // A namespace joined by path counts as the container's own: engines set up a network namespace beforehand.
    private static bool Own(RuntimeConfig config, string type) =>
        config.Linux?.Namespaces?.Any(space => space.Type == type && space.Path != $"/proc/1/ns/{(type == "network" ? "net" : type)}") == true;

    // sysctl(8): whichever of '.' and '/' comes first separates; the other one stands for itself (net.ipv4.conf.eth0/100.forwarding).
    private static string ToPath(string name)
    {
        var first = name.AsSpan().IndexOfAny('.', '/');
        if (first < 0 || name[first] == '/')
            return name;
        return string.Create(name.Length, name, static (path, text) =>
        {
            for (var i = 0; i < text.Length; i++)
                path[i] = text[i] switch { '.' => '/', '/' => '.', var c => c };
        });
    }
}
