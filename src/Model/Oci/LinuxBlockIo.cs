namespace Gantry.Model.Oci;

/// <summary>Block I/O weights and throttles.</summary>
public sealed record LinuxBlockIo
{
    public ushort? Weight { get; init; }

    public ushort? LeafWeight { get; init; }

    public IReadOnlyList<LinuxWeightDevice>? WeightDevice { get; init; }

    public IReadOnlyList<LinuxThrottleDevice>? ThrottleReadBpsDevice { get; init; }

    public IReadOnlyList<LinuxThrottleDevice>? ThrottleWriteBpsDevice { get; init; }

    public IReadOnlyList<LinuxThrottleDevice>? ThrottleReadIOPSDevice { get; init; }

    public IReadOnlyList<LinuxThrottleDevice>? ThrottleWriteIOPSDevice { get; init; }
}
