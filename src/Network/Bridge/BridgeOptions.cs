using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Network.Addresses;

namespace Gantry.Network.Bridge;

/// <summary>How the default bridge of one engine instance is made. Every kernel name in it belongs to that instance alone.</summary>
public sealed record BridgeOptions
{
    /// <summary>Name of the instance whose kernel names are the short ones: <c>gantry0</c> and table <c>gantry</c>.</summary>
    public const string DefaultInstance = "gantry";

    /// <summary>The engine instance; from it come the table's and the interfaces' names.</summary>
    public required string Instance { get; init; }

    /// <summary>The bridge interface, at most 15 bytes.</summary>
    public required string BridgeName { get; init; }

    /// <summary>The nftables table (family ip, with IPv6 ip6 too) that holds all of this instance's rules.</summary>
    public required string TableName { get; init; }

    /// <summary>How the host's ends of this instance's veth pairs begin; 7 hexadecimal digits follow.</summary>
    public required string InterfacePrefix { get; init; }

    /// <summary>Address and prefix of the bridge (<c>--bip</c>, as in <c>172.17.0.1/16</c>); null takes the first free pool.</summary>
    public string? BridgeAddress { get; init; }

    /// <summary>Part of the subnet that containers get their addresses from (<c>--fixed-cidr</c>); null is the whole subnet.</summary>
    public string? FixedCidr { get; init; }

    /// <summary>Whether containers have IPv6 as well (<c>--ipv6</c>).</summary>
    public bool EnableIPv6 { get; init; }

    /// <summary>IPv6 address and prefix of the bridge (<c>--bip6</c>); null: the first of the subnet.</summary>
    public string? BridgeAddress6 { get; init; }

    /// <summary>The IPv6 subnet of containers (<c>--fixed-cidr-v6</c>); null: that of the bridge's address, else a unique local one.</summary>
    public string? FixedCidr6 { get; init; }

    /// <summary>What no other engine anywhere is called: the unique local subnet is made from it.</summary>
    public string? UniqueName { get; init; }

    /// <summary>Where to choose a subnet from when <see cref="BridgeAddress"/> is null; empty: Docker's list.</summary>
    public IReadOnlyList<AddressPool> AddressPools { get; init; } = [];

    /// <summary>Largest packet on the bridge, bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Whether containers of the bridge may talk to each other directly (<c>--icc</c>).</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>Whether traffic that leaves by another interface gets the host's address (<c>--ip-masq</c>).</summary>
    public bool Masquerade { get; init; } = true;

    /// <summary>Whether IP forwarding is turned on when it is off (<c>--ip-forward</c>).</summary>
    public bool EnableForwarding { get; init; } = true;

    /// <summary>Whether other hosts may reach published ports at the container's own address (<c>--allow-direct-routing</c>).</summary>
    public bool AllowDirectRouting { get; init; }

    /// <summary>Host address of a published port that names none (<c>--ip</c>).</summary>
    public IPAddress DefaultHostAddress { get; init; } = IPAddress.Any;

    /// <summary>How many attached namespaces are kept ready. Each costs a veth pair, an address and some 200 KB of kernel memory.</summary>
    public int WarmEndpoints { get; init; } = 2;

    /// <summary>A container's name by its id, for errors that name who holds a port; null when unknown.</summary>
    public Func<string, string?>? ContainerName { get; init; }

    /// <summary>The network namespace to build in instead of the process's own. Stays the caller's; must outlive the network.</summary>
    public Fd? HostNamespace { get; init; }

    /// <summary>The options of an instance with every kernel name derived from its name.</summary>
    /// <param name="instance">Any text; two engines side by side need different ones. Null or <c>gantry</c> gives the short names.</param>
    public static BridgeOptions ForInstance(string? instance)
    {
        instance = string.IsNullOrEmpty(instance) ? DefaultInstance : instance;
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(instance)));
        var isDefault = instance == DefaultInstance;
        return new()
        {
            Instance = instance,
            BridgeName = isDefault ? "gantry0" : $"gantry{tag[..8]}",
            TableName = isDefault ? "gantry" : $"gantry_{tag[..8]}",
            InterfacePrefix = $"gt{tag[..5]}",
        };
    }
}
