namespace Gantry.Runtime.Cgroups;

/// <summary>What may be done with a device. The values are those of BPF_DEVCG_ACC_*. Source: uapi/linux/bpf.h.</summary>
[Flags]
internal enum DeviceAccess
{
    None = 0,
    Mknod = 1,
    Read = 2,
    Write = 4,
    All = 7,
}
