namespace Gantry.Model.Oci;

/// <summary>One entry of the device allow list, applied in order.</summary>
public sealed record LinuxDeviceRule
{
    public bool Allow { get; init; }

    /// <summary>a, c or b; null is all.</summary>
    public string? Type { get; init; }

    public long? Major { get; init; }

    public long? Minor { get; init; }

    /// <summary>Letters of rwm.</summary>
    public string? Access { get; init; }
}
