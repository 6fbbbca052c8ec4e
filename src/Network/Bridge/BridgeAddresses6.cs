using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gantry.Model;
using Gantry.Network.Addresses;

namespace Gantry.Network.Bridge;

/// <summary>A bridge's IPv6 subnet. A container has the host number in it that it has in the IPv4 subnet: what is free there is free here.</summary>
/// <param name="Subnet">Where containers get their addresses from.</param>
/// <param name="Gateway">The bridge's address.</param>
internal sealed record BridgeAddresses6(Subnet6 Subnet, IPAddress Gateway)
{
    /// <summary>Finds what the options mean; null without IPv6.</summary>
    /// <param name="options">As configured.</param>
    /// <param name="subnet">The IPv4 subnet.</param>
    /// <param name="gateway4">The bridge's address in it.</param>
    /// <exception cref="GantryException">Invalid: the sentence names the option.</exception>
    public static BridgeAddresses6? Of(BridgeOptions options, Subnet subnet, IPAddress gateway4)
    {
        if (!options.EnableIPv6)
            return null;
        Subnet6 whole = default, part = default;
        IPAddress? gateway = null;
        if (options.BridgeAddress6 is { } bip && !(Subnet6.TryParse(bip, out whole, out gateway) && !gateway.Equals(whole.At(0))))
            throw Invalid($"--bip6 {bip} must be an IPv6 address of a host with its prefix length, as in fd00:1::1/64");
        if (options.FixedCidr6 is { } cidr && !Subnet6.TryParse(cidr, out part, out _))
            throw Invalid($"--fixed-cidr-v6 {cidr} must be an IPv6 subnet, as in fd00:1::/64");
        if (gateway is not null && options.FixedCidr6 is not null && !(part.PrefixLength >= whole.PrefixLength && whole.Contains(part.At(0))))
            throw Invalid($"--fixed-cidr-v6 {part} must be part of the bridge's subnet {whole}");
        var chosen = options.FixedCidr6 is not null ? part : gateway is not null ? whole : Local(options);
        if (128 - chosen.PrefixLength < 32 - subnet.PrefixLength)
            throw Invalid($"the IPv6 subnet {chosen} has fewer addresses than the bridge's IPv4 subnet {subnet}: give it a prefix of at most {96 + subnet.PrefixLength} bits");
        return new(chosen, gateway ?? chosen.At(1))
        {
            PrefixLength = gateway is null ? chosen.PrefixLength : whole.PrefixLength,
            Spare = chosen.At(Addresses.Subnet.ToNumber(gateway4) - subnet.Network),
        };
    }

    /// <summary>Bits of the subnet that the bridge and its containers see as theirs.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The address that no container has for its own, because the bridge has that number in the IPv4 subnet.</summary>
    public required IPAddress Spare { get; init; }

    /// <summary>The address that goes with an IPv4 address of the bridge.</summary>
    public IPAddress AddressFor(IPAddress address, Subnet subnet)
    {
        var own = Subnet.At(Addresses.Subnet.ToNumber(address) - subnet.Network);
        // The bridge may have a container's number in one of the subnets.
        return own.Equals(Gateway) ? Spare : own;
    }

    // RFC 4193: a prefix of one's own that nobody else is likely to have; the same at each start.
    private static Subnet6 Local(BridgeOptions options)
    {
        var random = SHA256.HashData(Encoding.UTF8.GetBytes($"ula {options.UniqueName ?? options.Instance}"));
        return Subnet6.Of(new IPAddress([0xFD, .. random[..5], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 64);
    }

    private static GantryException Invalid(string sentence) => GantryException.Of(ErrorKind.Invalid, sentence);
}
