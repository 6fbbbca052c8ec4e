namespace Gantry.Model.Oci;

/// <summary>Limit on the number of tasks; zero or less is unlimited.</summary>
public sealed record LinuxPids
{
    public long? Limit { get; init; }
}
