namespace Gantry.Model.Oci;

/// <summary>Network class and priorities (cgroup v1).</summary>
public sealed record LinuxNetworkResources
{
    public uint? ClassID { get; init; }

    public IReadOnlyList<LinuxInterfacePriority>? Priorities { get; init; }
}
