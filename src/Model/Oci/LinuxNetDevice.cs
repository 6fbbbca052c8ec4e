namespace Gantry.Model.Oci;

/// <summary>A host network interface to move into the container.</summary>
public sealed record LinuxNetDevice
{
    public string? Name { get; init; }
}
