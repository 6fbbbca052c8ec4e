namespace Gantry.Model.Oci;

/// <summary>Priority of traffic on an interface.</summary>
public sealed record LinuxInterfacePriority
{
    public required string Name { get; init; }

    public uint Priority { get; init; }
}
