namespace Gantry.Model.Oci;

/// <summary>A range of ids in a user namespace or an id-mapped mount.</summary>
public sealed record IdMapping
{
    public uint ContainerID { get; init; }

    public uint HostID { get; init; }

    public uint Size { get; init; }
}
