using Gantry.Kernel.Cgroups;
using Gantry.Model;

namespace Gantry.Runtime.Cgroups;

/// <summary>Turns the spec's <c>cgroupsPath</c> into directories.</summary>
internal static class CgroupPath
{
    /// <summary>Resolves <c>.</c> and <c>..</c> by text, so that a path can never leave the hierarchy it is joined to.</summary>
    /// <exception cref="GantryException">Invalid: empty, or a systemd triple.</exception>
    public static string Clean(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw GantryException.Of(ErrorKind.Invalid, "the cgroups path is empty: give one like /gantry/ID");
        if (path.Count(c => c == ':') == 2 && !path.Contains('/', StringComparison.Ordinal))
            throw GantryException.Of(ErrorKind.NotSupported, $"cgroups path \"{path}\" is one for the systemd driver, which is not supported: give a path like /gantry/ID");
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part.Length == 0 || part == ".")
                continue;
            if (part == "..")
            {
                if (parts.Count > 0)
                    parts.RemoveAt(parts.Count - 1);
                continue;
            }

            parts.Add(part);
        }

        // The root of a hierarchy is everybody's: limits there would hit the host, deleting it would kill the host.
        if (parts.Count == 0)
            throw GantryException.Of(ErrorKind.Invalid, $"cgroups path \"{path}\" is the root cgroup: give a path like /gantry/ID");
        return (path[0] == '/' ? "/" : "") + string.Join('/', parts);
    }

    /// <summary>The directory of a cleaned path in a hierarchy.</summary>
    public static string Directory(CgroupHierarchy hierarchy, string cleanPath) =>
        cleanPath[0] == '/' ? hierarchy.MountPoint + cleanPath : $"{hierarchy.OwnDirectory}/{cleanPath}";
}
