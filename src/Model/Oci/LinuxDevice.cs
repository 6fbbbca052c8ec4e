namespace Gantry.Model.Oci;

/// <summary>A device node to make in the container.</summary>
public sealed record LinuxDevice
{
    public required string Path { get; init; }

    /// <summary>c, b, u or p.</summary>
    public required string Type { get; init; }

    public long Major { get; init; }

    public long Minor { get; init; }

    public uint? FileMode { get; init; }

    public uint? Uid { get; init; }

    public uint? Gid { get; init; }
}
