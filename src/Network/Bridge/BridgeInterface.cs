using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gantry.Kernel.Netlink;
using Gantry.Model;
using Gantry.Network.Addresses;
using Gantry.Network.Namespaces;

namespace Gantry.Network.Bridge;

/// <summary>The bridge's interface as it is after <see cref="Ensure"/>.</summary>
internal sealed record BridgeInterface(int Index, IPAddress Address, Subnet Subnet, Subnet? Range, BridgeAddresses6? Six, IReadOnlyList<string> Warnings)
{
    /// <summary>Checks the options that need no look at the host.</summary>
    /// <exception cref="GantryException">Invalid: every problem, joined.</exception>
    public static (Subnet Subnet, IPAddress Address)? Validate(BridgeOptions options, out Subnet? range)
    {
        var problems = new List<string>();
        (Subnet, IPAddress)? wanted = null;
        range = null;
        if (options.BridgeName.Length is 0 or > 15 || options.BridgeName.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            problems.Add($"bridge name \"{options.BridgeName}\" must have 1 to 15 letters, digits, '-', '_' or '.'");
        if (options.Mtu is < 68 or > 65535)
            problems.Add($"--mtu {options.Mtu} must be from 68 to 65535 bytes");
        if (options.BridgeAddress is { } bip)
        {
            if (!Subnet.TryParse(bip, out var subnet, out var address))
                problems.Add($"--bip {bip} must be an IPv4 address with its prefix length, as in 172.17.0.1/16");
            else if (subnet.PrefixLength > 30 || Subnet.ToNumber(address) == subnet.Network || Subnet.ToNumber(address) == subnet.Last)
                problems.Add($"--bip {bip} must be the address of a host, in a subnet of at most 30 bits");
            else
                wanted = (subnet, address);
        }

        if (options.FixedCidr is { } cidr)
        {
            if (!Subnet.TryParse(cidr, out var part, out _))
                problems.Add($"--fixed-cidr {cidr} must be an IPv4 subnet, as in 172.17.1.0/24");
            else if (wanted is { } whole && !whole.Item1.Contains(part))
                problems.Add($"--fixed-cidr {cidr} must be part of the bridge's subnet {whole.Item1}");
            else
                range = part;
        }

        return problems.Count == 0 ? wanted : throw GantryException.Of(ErrorKind.Invalid, string.Join("; ", problems));
    }

    /// <summary>Makes the bridge, or takes over the one that is there, and sets what it needs. In the host's namespace.</summary>
    /// <exception cref="GantryException">Conflict: an interface of that name is no bridge; Exhausted: no free subnet; Invalid.</exception>
    public static BridgeInterface Ensure(BridgeOptions options, RouteSocket host)
    {
        var wanted = Validate(options, out var range);
        var link = host.FindLink(options.BridgeName);
        if (link is not null && link.Kind != "bridge")
            throw GantryException.Of(ErrorKind.Conflict, $"the interface {link.Name} exists and is not a bridge, so Gantry's network cannot be made; rename or remove it: ip link delete {link.Name}");

        var addresses = host.Addresses();
        List<NetworkAddress> present = [.. addresses.Where(address => address.LinkIndex == link?.Index)];
        var (subnet, gateway) = wanted ?? Present(present) ?? Choose(options, host, range);
        if (range is { } part && !subnet.Contains(part))
            throw GantryException.Of(ErrorKind.Invalid, $"--fixed-cidr {part} is not part of the bridge's subnet {subnet}; give the subnet with --bip");

        var six = BridgeAddresses6.Of(options, subnet, gateway);
        if (addresses.FirstOrDefault(address => address.LinkIndex != link?.Index && subnet.Contains(Subnet.ToNumber(address.Address))) is { } other)
        {
            var owner = host.Links().FirstOrDefault(one => one.Index == other.LinkIndex)?.Name;
            throw GantryException.Of(ErrorKind.Conflict, $"the bridge's subnet {subnet} overlaps the address {other.Address}/{other.PrefixLength} of {owner}; choose another with --bip, for example --bip 10.200.0.1/24");
        }

        if (link is null)
        {
            host.CreateBridge(options.BridgeName, HardwareAddress(options), options.Mtu);
            link = host.FindLink(options.BridgeName) ?? throw GantryException.Of(ErrorKind.Internal, $"the bridge {options.BridgeName} vanished as it was made");
        }
        else if (!link.IsUp || link.Mtu != options.Mtu)
        {
            host.SetUp(link.Name, options.Mtu);
        }

        foreach (var old in present.Where(old => !old.Address.Equals(gateway) || old.PrefixLength != subnet.PrefixLength))
            host.DeleteAddress(link, old.Address, old.PrefixLength);
        if (!present.Exists(old => old.Address.Equals(gateway) && old.PrefixLength == subnet.PrefixLength))
            host.AddAddress(link, gateway, subnet.PrefixLength);
        var warnings = Configure(options);
        SetAddresses6(host, link, six);
        return new(link.Index, gateway, subnet, range, six, warnings);
    }

    // After IPv6 has been switched on: without it the kernel takes no such address.
    private static void SetAddresses6(RouteSocket host, NetworkLink link, BridgeAddresses6? six)
    {
        var addresses = host.Addresses6();
        if (six is not null && addresses.FirstOrDefault(address => address.LinkIndex != link.Index && six.Subnet.Contains(address.Address)) is { } other)
        {
            var owner = host.Links().FirstOrDefault(one => one.Index == other.LinkIndex)?.Name;
            throw GantryException.Of(ErrorKind.Conflict, $"the bridge's IPv6 subnet {six.Subnet} overlaps the address {other.Address}/{other.PrefixLength} of {owner}; choose another with --fixed-cidr-v6");
        }

        List<NetworkAddress> present = [.. addresses.Where(address => address.LinkIndex == link.Index)];
        foreach (var old in present.Where(old => six is null || !old.Address.Equals(six.Gateway) || old.PrefixLength != six.PrefixLength))
            host.DeleteAddress(link, old.Address, old.PrefixLength);
        if (six is not null && !present.Exists(old => old.Address.Equals(six.Gateway) && old.PrefixLength == six.PrefixLength))
            host.AddAddress(link, six.Gateway, six.PrefixLength);
    }

    private static (Subnet, IPAddress)? Present(List<NetworkAddress> addresses) =>
        addresses.Count == 0 ? null : (Subnet.Of(addresses[0].Address, addresses[0].PrefixLength), addresses[0].Address);

    private static (Subnet, IPAddress) Choose(BridgeOptions options, RouteSocket host, Subnet? range)
    {
        // As Docker: --fixed-cidr without --bip makes its own network the subnet.
        if (range is { PrefixLength: <= 30 } fixedRange)
            return (fixedRange, Subnet.ToAddress(fixedRange.Network + 1));
        var used = host.Routes().Where(route => route.PrefixLength > 0).Select(route => Subnet.Of(route.Destination, route.PrefixLength))
            .Concat(host.Addresses().Select(address => Subnet.Of(address.Address, address.PrefixLength)))
            .ToList();
        var chosen = AddressPools.Choose(options.AddressPools.Count > 0 ? options.AddressPools.SelectMany(static pool => pool.Subnets) : AddressPools.Default, used);
        return (chosen, Subnet.ToAddress(chosen.Network + 1));
    }

    // Locally administered and the same for each start: containers that outlive the engine keep their ARP entry.
    private static byte[] HardwareAddress(BridgeOptions options) =>
        [0x02, 0x42, .. SHA256.HashData(Encoding.UTF8.GetBytes($"bridge {options.Instance} {options.BridgeName}"))[..4]];

    private static List<string> Configure(BridgeOptions options)
    {
        // What is published on the host reaches containers from 127.0.0.1 only with this; BridgeRules guards against what
        // it would let in the other way. Both go with the bridge.
        Sysctls.TryWrite($"net/ipv4/conf/{options.BridgeName}/route_localnet", "1");
        Sysctls.TryWrite($"net/ipv6/conf/{options.BridgeName}/disable_ipv6", options.EnableIPv6 ? "0" : "1");
        List<string> warnings = options.EnableIPv6 ? Configure6(options) : [];
        if (Sysctls.Read("net/ipv4/ip_forward") != "0")
            return warnings;
        if (!options.EnableForwarding)
            return [.. warnings, "IPv4 forwarding is disabled, so containers cannot reach other networks; turn it on with: sysctl -w net.ipv4.ip_forward=1"];
        Sysctls.TryWrite("net/ipv4/ip_forward", "1");
        return [.. warnings, "IPv4 forwarding was off and has been turned on for containers: this host now passes packets between all its interfaces unless a firewall forbids it"];
    }

    private static List<string> Configure6(BridgeOptions options)
    {
        if (Sysctls.Read("net/ipv6/conf/all/disable_ipv6") is not { } disabled)
            throw GantryException.Of(ErrorKind.NotSupported, "this kernel has no IPv6: leave --ipv6 out");
        if (disabled == "1")
            throw GantryException.Of(ErrorKind.NotSupported, "IPv6 is switched off on this host: turn it on with sysctl -w net.ipv6.conf.all.disable_ipv6=0, or leave --ipv6 out");
        // The bridge is the router here: it takes no other's word for routes.
        Sysctls.TryWrite($"net/ipv6/conf/{options.BridgeName}/accept_ra", "0");
        if (Sysctls.Read("net/ipv6/conf/all/forwarding") != "0")
            return [];
        if (!options.EnableForwarding)
            return ["IPv6 forwarding is disabled, so containers cannot reach other networks by IPv6; turn it on with: sysctl -w net.ipv6.conf.all.forwarding=1"];
        Sysctls.TryWrite("net/ipv6/conf/all/forwarding", "1");
        return ["IPv6 forwarding was off and has been turned on for containers: this host now passes packets between all its interfaces unless a firewall forbids it, and ignores router advertisements where accept_ra is not 2"];
    }
}
