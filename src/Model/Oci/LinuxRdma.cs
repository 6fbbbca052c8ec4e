namespace Gantry.Model.Oci;

/// <summary>RDMA limits.</summary>
public sealed record LinuxRdma
{
    public uint? HcaHandles { get; init; }

    public uint? HcaObjects { get; init; }
}
