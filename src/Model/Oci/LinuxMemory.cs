namespace Gantry.Model.Oci;

/// <summary>Memory limits in bytes; -1 is unlimited.</summary>
public sealed record LinuxMemory
{
    public long? Limit { get; init; }

    public long? Reservation { get; init; }

    /// <summary>Memory and swap together.</summary>
    public long? Swap { get; init; }

    public long? Kernel { get; init; }

    public long? KernelTCP { get; init; }

    public ulong? Swappiness { get; init; }

    public bool? DisableOOMKiller { get; init; }

    public bool? UseHierarchy { get; init; }

    public bool? CheckBeforeUpdate { get; init; }
}
