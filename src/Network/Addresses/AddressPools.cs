using Gantry.Model;

namespace Gantry.Network.Addresses;

/// <summary>The subnets from which a bridge without a given one chooses.</summary>
/// <remarks>Source: moby daemon/libnetwork/ipamutils, local scope.</remarks>
public static class AddressPools
{
    /// <summary>Docker's pools in Docker's order: fifteen /16 of 172.17–172.31, then sixteen /20 of 192.168.</summary>
    public static IReadOnlyList<Subnet> Default { get; } =
    [
        .. Enumerable.Range(17, 15).Select(second => Subnet.Of(Subnet.ToAddress((172u << 24) | ((uint)second << 16)), 16)),
        .. Enumerable.Range(0, 16).Select(third => Subnet.Of(Subnet.ToAddress((192u << 24) | (168u << 16) | ((uint)third << 12)), 20)),
    ];

    /// <summary>Takes the first pool that nothing on the host uses.</summary>
    /// <param name="pools">In order of preference.</param>
    /// <param name="used">Subnets of the host's routes and addresses, without the default route.</param>
    /// <exception cref="GantryException">Exhausted: every one overlaps.</exception>
    public static Subnet Choose(IEnumerable<Subnet> pools, IReadOnlyCollection<Subnet> used)
    {
        foreach (var pool in pools)
        {
            if (!used.Any(pool.Overlaps))
                return pool;
        }

        throw GantryException.Of(
            ErrorKind.Exhausted,
            "could not find an available, non-overlapping IPv4 address pool for the bridge: every one overlaps a route of this host; choose one with --bip, for example --bip 10.200.0.1/24");
    }
}
