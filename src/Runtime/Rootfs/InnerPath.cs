using Gantry.Model;

namespace Gantry.Runtime.Rootfs;

/// <summary>Paths inside the container, as text.</summary>
internal static class InnerPath
{
    // What may be mounted below /proc: lxcfs shows containers their own numbers there. Source: runc libcontainer/rootfs_linux.go.
    private static readonly string[] AllowedInProc =
    [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime", "/proc/loadavg",
        "/proc/slabinfo", "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
    ];

    /// <summary>Absolute, without <c>.</c>, <c>..</c> and repeated slashes; <c>..</c> at the top stays there.</summary>
    public static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else if (part.Length > 0 && part is not ("." or "..")) parts.Add(part);
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>The directory and name of a cleaned path.</summary>
    public static (string Directory, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return (slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
    }

    /// <summary>Refuses mount points that would hide what the runtime itself relies on.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void CheckMountPoint(string path, string? type)
    {
        if (path == "/") throw GantryException.Of(ErrorKind.Invalid, "a mount's destination cannot be the container's root \"/\": give the root filesystem as root.path");
        if (path == "/proc" && type is not ("proc" or "bind" or "none" or null))
            throw GantryException.Of(ErrorKind.Invalid, $"\"/proc\" cannot be mounted because it is not of type proc (it is \"{type}\")");
        if (path.StartsWith("/proc/", StringComparison.Ordinal) && Array.IndexOf(AllowedInProc, path) < 0)
            throw GantryException.Of(ErrorKind.Invalid, $"\"{path}\" cannot be mounted because it is inside /proc");
    }
}
