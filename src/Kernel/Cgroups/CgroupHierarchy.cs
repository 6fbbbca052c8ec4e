namespace Gantry.Kernel.Cgroups;

/// <summary>One mounted cgroup hierarchy as this process sees it.</summary>
/// <param name="Controllers">Controller names; <c>name=systemd</c> for a named hierarchy, empty for cgroup2.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Root">Which cgroup the mount shows at its top, <c>/</c> unless a part of the tree was bind-mounted (nested engines).</param>
/// <param name="Own">The cgroup of this process, as <c>/proc/self/cgroup</c> names it.</param>
public sealed record CgroupHierarchy(IReadOnlyList<string> Controllers, string MountPoint, string Root, string Own)
{
    /// <summary>This process's own cgroup as a directory, or the mount point when it lies outside of what is mounted.</summary>
    public string OwnDirectory
    {
        get
        {
            if (Root == "/")
                return Own == "/" ? MountPoint : MountPoint + Own;
            if (Own == Root)
                return MountPoint;
            return Own.StartsWith(Root + "/", StringComparison.Ordinal) ? MountPoint + Own[Root.Length..] : MountPoint;
        }
    }
}
