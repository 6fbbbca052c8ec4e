using System.Net;

namespace Gantry.Kernel.Netlink;

/// <summary>An IPv4 address of an interface.</summary>
public sealed record NetworkAddress(int LinkIndex, IPAddress Address, int PrefixLength);
