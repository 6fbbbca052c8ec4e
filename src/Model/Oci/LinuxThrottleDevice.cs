namespace Gantry.Model.Oci;

/// <summary>A rate limit for one block device: bytes or operations per second.</summary>
public sealed record LinuxThrottleDevice
{
    public long Major { get; init; }

    public long Minor { get; init; }

    public ulong Rate { get; init; }
}
