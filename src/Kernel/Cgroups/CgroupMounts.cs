using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Cgroups;

/// <summary>The cgroup hierarchies mounted here, from <c>/proc/self/mountinfo</c> and <c>/proc/self/cgroup</c>.</summary>
/// <remarks>Source: proc(5), cgroups(7). Controllers may sit together (<c>cpu,cpuacct</c>) or each on its own mount.</remarks>
public sealed record CgroupMounts
{
    /// <summary>The version 1 hierarchies, in mount order, each once.</summary>
    public IReadOnlyList<CgroupHierarchy> V1 { get; init; } = [];

    /// <summary>The cgroup2 hierarchy, or null when none is mounted.</summary>
    public CgroupHierarchy? Unified { get; init; }

    /// <summary>Where the controllers are.</summary>
    public CgroupLayout Layout => V1.Count == 0 ? CgroupLayout.V2 : Unified is null ? CgroupLayout.V1 : CgroupLayout.Hybrid;

    /// <summary>Reads the state of this process. Costs two small reads of /proc.</summary>
    public static CgroupMounts Read() =>
        Parse(File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText("/proc/self/cgroup"));

    /// <summary>Parses the two files. Lines that are not about cgroups are skipped.</summary>
    public static CgroupMounts Parse(string mountinfo, string cgroup)
    {
        var own = ParseOwn(cgroup);
        var v1 = new List<CgroupHierarchy>();
        CgroupHierarchy? unified = null;
        foreach (var line in mountinfo.Split('\n'))
        {
            var separator = line.IndexOf(" - cgroup", StringComparison.Ordinal);
            if (separator < 0)
                continue;
            var left = line[..separator].Split(' ');
            var right = line[(separator + 3)..].Split(' ');
            if (left.Length < 6 || right.Length < 3)
                continue;
            string root = MountTable.Unescape(left[3]), mountPoint = MountTable.Unescape(left[4]);
            if (right[0] == "cgroup2")
            {
                // The mount at the shortest path wins: a later one is a bind mount into some container.
                if (unified is null || mountPoint.Length < unified.MountPoint.Length)
                    unified = new([], mountPoint, root, own.GetValueOrDefault("", "/"));
                continue;
            }

            if (right[0] != "cgroup")
                continue;
            var controllers = Controllers(right[2], own);
            if (controllers.Count == 0 || v1.Exists(known => known.Controllers.SequenceEqual(controllers)))
                continue;
            v1.Add(new(controllers, mountPoint, root, own.GetValueOrDefault(controllers[0], "/")));
        }

        return new CgroupMounts { V1 = v1, Unified = unified };
    }

    /// <summary>The hierarchy that has a controller, or null.</summary>
    public CgroupHierarchy? Find(string controller) => V1.FirstOrDefault(hierarchy => hierarchy.Controllers.Contains(controller));

    /// <summary>Removes a cgroup from every hierarchy where it is empty: the parent an engine leaves when its last container is gone.</summary>
    /// <param name="path">Absolute, below the mounted root.</param>
    public void RemoveEmpty(string path)
    {
        if (path.Trim('/').Length == 0)
            return;
        IEnumerable<CgroupHierarchy> all = Unified is { } unified ? [.. V1, unified] : V1;
        foreach (var hierarchy in all)
            Files.TryUnlinkAt(null, $"{hierarchy.MountPoint}/{path.Trim('/')}", OpenFlags.AT_REMOVEDIR);
    }

    // The super options mix controllers with flags (rw, xattr, release_agent=…): those that /proc/self/cgroup names are controllers.
    private static List<string> Controllers(string options, Dictionary<string, string> own) =>
        [.. options.Split(',').Where(option => option.Length > 0 && own.ContainsKey(option))];

    private static Dictionary<string, string> ParseOwn(string cgroup)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in cgroup.Split('\n'))
        {
            var parts = line.Split(':', 3);
            if (parts.Length < 3)
                continue;
            foreach (var controller in parts[1].Split(','))
                own[controller] = parts[2];
        }

        return own;
    }
}
