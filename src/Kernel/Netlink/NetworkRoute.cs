using System.Net;

namespace Gantry.Kernel.Netlink;

/// <summary>An IPv4 route of the main table.</summary>
/// <param name="Destination">The network; 0.0.0.0 with prefix length 0 is the default route.</param>
/// <param name="PrefixLength">Bits of the network.</param>
/// <param name="LinkIndex">The interface it leaves by; 0 when it has none (blackhole, multipath).</param>
public sealed record NetworkRoute(IPAddress Destination, int PrefixLength, int LinkIndex);
