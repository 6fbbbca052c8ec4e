using Gantry.Kernel.Cgroups;

namespace Gantry.Runtime.Rootfs;

/// <summary>One cgroup hierarchy as the container sees it.</summary>
/// <param name="Name">Its directory below the mount (<c>cpu,cpuacct</c>); empty: it is the mount itself (version 2).</param>
/// <param name="HostPath">The container's cgroup on the host.</param>
/// <param name="Aliases">Further names, as symbolic links (<c>cpu</c>).</param>
internal sealed record CgroupView(string Name, string HostPath, IReadOnlyList<string> Aliases)
{
    /// <summary>What a container in the given cgroups sees.</summary>
    /// <param name="mounts">The host's hierarchies.</param>
    /// <param name="joinFiles">The files by which the container joins its cgroups.</param>
    public static IReadOnlyList<CgroupView> Of(CgroupMounts mounts, IReadOnlyList<string> joinFiles)
    {
        var directories = joinFiles.Select(file => file[..file.LastIndexOf('/')]).ToList();
        if (mounts is { Layout: CgroupLayout.V2, Unified: { } unified }) return [new CgroupView("", Own(unified), [])];
        var views = new List<CgroupView>();
        foreach (var hierarchy in mounts.V1)
        {
            var name = hierarchy.MountPoint[(hierarchy.MountPoint.LastIndexOf('/') + 1)..];
            views.Add(new CgroupView(name, Own(hierarchy), [.. hierarchy.Controllers.Where(c => c != name && !c.Contains('=', StringComparison.Ordinal))]));
        }

        return views;

        string Own(CgroupHierarchy hierarchy) =>
            directories.Find(d => d.StartsWith(hierarchy.MountPoint + "/", StringComparison.Ordinal)) ?? hierarchy.OwnDirectory;
    }
}
