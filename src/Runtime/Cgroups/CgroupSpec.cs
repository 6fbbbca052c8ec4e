using Gantry.Model.Oci;

namespace Gantry.Runtime.Cgroups;

/// <summary>What cgroup a container wants.</summary>
public sealed record CgroupSpec
{
    /// <summary>The spec's <c>cgroupsPath</c>: absolute (below the mounted root) or relative (below this process's own cgroup). <c>..</c> cannot leave it.</summary>
    public required string Path { get; init; }

    /// <summary>The limits; null for none. The device rules every container needs are added to those listed.</summary>
    public LinuxResources? Resources { get; init; }

    /// <summary>What is mounted; read from /proc when null.</summary>
    public Gantry.Kernel.Cgroups.CgroupMounts? Mounts { get; init; }
}
