namespace Gantry.Kernel.Netlink;

/// <summary>A network interface as the kernel lists it.</summary>
/// <param name="Index">Its number in its network namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The driver's name for virtual ones (<c>bridge</c>, <c>veth</c>), else null.</param>
/// <param name="Master">The index of the bridge it is a port of; 0 for none.</param>
/// <param name="IsUp">Whether it was set up.</param>
/// <param name="Mtu">Largest packet, bytes.</param>
public sealed record NetworkLink(int Index, string Name, string? Kind, int Master, bool IsUp, int Mtu);
