namespace Gantry.Kernel.Cgroups;

/// <summary>Which generation of control groups carries the controllers.</summary>
public enum CgroupLayout
{
    /// <summary>One hierarchy per controller, no cgroup2 mounted.</summary>
    V1,

    /// <summary>One cgroup2 hierarchy for everything.</summary>
    V2,

    /// <summary>Controllers in version 1 hierarchies, and a cgroup2 mount without (or with few) controllers beside them.</summary>
    Hybrid,
}
