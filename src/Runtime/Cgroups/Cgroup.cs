using Gantry.Kernel.Cgroups;
using Gantry.Model;

namespace Gantry.Runtime.Cgroups;

/// <summary>Where control groups come from: makes one for a container, or finds one made before.</summary>
public static class Cgroup
{
    /// <summary>Creates the cgroup in every hierarchy and applies the limits. Nothing is left behind when it fails.</summary>
    /// <exception cref="GantryException">Invalid: a limit that the kernel refuses. NotSupported: no cgroup hierarchy, or a limit without its controller.</exception>
    public static ICgroup Create(CgroupSpec spec)
    {
        var mounts = spec.Mounts ?? CgroupMounts.Read();
        if (mounts.Layout == CgroupLayout.V2)
        {
            var unified = mounts.Unified ?? throw GantryException.Of(ErrorKind.NotSupported, "no cgroup hierarchy is mounted: mount one with \"mount -t cgroup2 none /sys/fs/cgroup\"");
            return V2.UnifiedCgroup.Create(unified, CgroupPath.Clean(spec.Path), spec.Resources);
        }

        return V1.LegacyCgroup.Create(mounts, CgroupPath.Clean(spec.Path), spec.Resources);
    }

    /// <summary>A cgroup made before, by the <see cref="ICgroup.Paths"/> it had then. It may be gone by now.</summary>
    public static ICgroup Open(IReadOnlyDictionary<string, string> paths) =>
        paths.TryGetValue("", out var directory) ? new V2.UnifiedCgroup(directory) : new V1.LegacyCgroup(paths, CgroupLayout.V1);

    /// <summary>The cgroup that another runtime makes of a path, without making it.</summary>
    /// <remarks>Where both generations are mounted, some (runc) make a directory in the newer one too, and forget it.</remarks>
    public static ICgroup FindForeign(string path)
    {
        var mounts = CgroupMounts.Read();
        var clean = CgroupPath.Clean(path);
        if (mounts is not { Layout: CgroupLayout.Hybrid, Unified: { } unified })
            return Find(new CgroupSpec { Path = path, Mounts = mounts });
        var paths = V1.LegacyCgroup.PathsOf(mounts, clean);
        paths["unified"] = CgroupPath.Directory(unified, clean);
        return new V1.LegacyCgroup(paths, mounts.Layout);
    }

    /// <summary>The cgroup of a spec as it would be made, without making it: for clean-up when no state was kept.</summary>
    public static ICgroup Find(CgroupSpec spec)
    {
        var mounts = spec.Mounts ?? CgroupMounts.Read();
        var path = CgroupPath.Clean(spec.Path);
        return mounts is { Layout: CgroupLayout.V2, Unified: { } unified }
            ? new V2.UnifiedCgroup(CgroupPath.Directory(unified, path))
            : new V1.LegacyCgroup(V1.LegacyCgroup.PathsOf(mounts, path), mounts.Layout);
    }
}
