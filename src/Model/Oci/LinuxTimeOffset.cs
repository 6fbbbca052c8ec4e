namespace Gantry.Model.Oci;

/// <summary>An offset of the time namespace.</summary>
public sealed record LinuxTimeOffset
{
    public long Secs { get; init; }

    public uint Nanosecs { get; init; }
}
