using System.Net;
using Gantry.Model;
using Gantry.Network.Addresses;
using Gantry.Network.Bridge;
using Gantry.Network.Ports;
using Xunit;

namespace Gantry.Tests.Unit.Network;

public sealed class RulesTests
{
    private static readonly BridgeOptions s_options = BridgeOptions.ForInstance(null);
    private static readonly IPAddress s_gateway = IPAddress.Parse("172.17.0.1");
    private static readonly Subnet s_subnet = Subnet.Of(IPAddress.Parse("172.17.0.0"), 16);

    [Fact]
    public void Names_come_from_the_instance()
    {
        Assert.Equal(("gantry0", "gantry"), (s_options.BridgeName, s_options.TableName));
        var (one, two) = (BridgeOptions.ForInstance("/srv/one"), BridgeOptions.ForInstance("/srv/two"));
        Assert.NotEqual(one.BridgeName, two.BridgeName);
        Assert.NotEqual(one.TableName, two.TableName);
        Assert.NotEqual(one.InterfacePrefix, two.InterfacePrefix);
        Assert.InRange(one.BridgeName.Length, 1, 15);
        Assert.Equal(14, one.InterfacePrefix.Length + 7);
    }

    [Fact]
    public void Publishing_is_adding_elements()
    {
        var rules = new BridgeRules(s_options, s_subnet.ToString());
        (PublishedPort, string)[] ports = [(new("tcp", 80, "0.0.0.0", 8080), "172.17.0.2"), (new("udp", 53, "127.0.0.1", 5300), "172.17.0.2")];
        Assert.Equal(
            "add element ip gantry published { tcp . 8080 : 172.17.0.2 . 80 }\nadd element ip gantry published_at { 127.0.0.1 . udp . 5300 : 172.17.0.2 . 53 }\n",
            rules.Add(ports));
        Assert.StartsWith("delete element ip gantry published { tcp . 8080", rules.Delete(ports), StringComparison.Ordinal);
        Assert.Contains(rules.Add(ports), rules.Install(ports), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_port_goes_to_the_rules_of_its_address()
    {
        var bridge = new BridgeInterface(1, IPAddress.Parse("172.17.0.1"), s_subnet, null, BridgeAddresses6.Of(s_options with { EnableIPv6 = true, FixedCidr6 = "fd00:1::/64" }, s_subnet, s_gateway), []);
        (PublishedPort, string)[] ports = [(new("tcp", 80, "0.0.0.0", 8080), "172.17.0.2"), (new("tcp", 80, "::", 8080), "fd00:1::2"), (new("udp", 53, "fd99::1", 5300), "fd00:1::2")];
        var rules = new FamilyRules(s_options, bridge);
        Assert.Equal(
            "add element ip gantry published { tcp . 8080 : 172.17.0.2 . 80 }\n"
            + "add element ip6 gantry published { tcp . 8080 : fd00:1::2 . 80 }\nadd element ip6 gantry refused { tcp . 8080 }\n"
            + "add element ip6 gantry published_at { fd99::1 . udp . 5300 : fd00:1::2 . 53 }\n",
            rules.Add(ports));
        Assert.Contains("ip6 saddr fd00:1::/64 oifname != \"gantry0\" masquerade", rules.Install(ports), StringComparison.Ordinal);
        Assert.DoesNotContain("ip6", new FamilyRules(s_options, bridge with { Six = null }).Install(ports), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "fd00:1::/64", "fd00:1::/64", "fd00:1::1", 64)]
    [InlineData("fd00:2::5/48", null, "fd00:2::/48", "fd00:2::5", 48)]
    [InlineData("fd00:2::5/48", "fd00:2:0:7::/64", "fd00:2:0:7::/64", "fd00:2::5", 48)]
    [InlineData(null, "2001:db8::/112", "2001:db8::/112", "2001:db8::1", 112)]
    public void Six_is_laid_out_beside_four(string? address, string? part, string subnet, string gateway, int prefixLength)
    {
        var six = BridgeAddresses6.Of(s_options with { EnableIPv6 = true, BridgeAddress6 = address, FixedCidr6 = part }, s_subnet, s_gateway)!;
        Assert.Equal((subnet, gateway, prefixLength), (six.Subnet.ToString(), six.Gateway.ToString(), six.PrefixLength));
        // One address of IPv6 for each of IPv4, and never the bridge's.
        var all = Enumerable.Range(0, 65536).Select(number => six.AddressFor(Subnet.ToAddress(s_subnet.Network + (uint)number), s_subnet)).ToList();
        Assert.DoesNotContain(six.Gateway, all.Skip(2));
        Assert.Equal(all.Count - 2, all.Skip(2).Distinct().Count());
        Assert.DoesNotContain(six.Subnet.At(0), all.Skip(2)); // the routers' anycast address
        Assert.All(all, one => Assert.True(six.Subnet.Contains(one)));
    }

    [Fact]
    public void A_subnet_of_ones_own_is_made_up()
    {
        var (one, two) = (Of("a"), Of("b"));
        Assert.Equal(one, Of("a"));
        Assert.NotEqual(one, two);
        Assert.Matches("^fd[0-9a-f:]+::/64$", one);

        static string Of(string name) => BridgeAddresses6.Of(s_options with { EnableIPv6 = true, UniqueName = name }, s_subnet, s_gateway)!.Subnet.ToString();
    }

    [Theory]
    [InlineData("fd00::/64", null, "--bip6")]
    [InlineData("10.0.0.1/8", null, "--bip6")]
    [InlineData(null, "fd00::1%eth0/64", "--fixed-cidr-v6")]
    [InlineData("fd00:1::1/64", "fd00:2::/64", "--fixed-cidr-v6")]
    [InlineData(null, "fd00::/120", "at most 112 bits")]
    public void What_six_cannot_be_is_refused(string? address, string? part, string words) =>
        Assert.Contains(words, Assert.Throws<GantryException>(() => BridgeAddresses6.Of(s_options with { EnableIPv6 = true, BridgeAddress6 = address, FixedCidr6 = part }, s_subnet, s_gateway)).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_change_the_rules()
    {
        var plain = new BridgeRules(s_options, s_subnet.ToString()).Install([]);
        Assert.Contains("ip saddr 172.17.0.0/16 oifname != \"gantry0\" masquerade", plain, StringComparison.Ordinal);
        Assert.Contains("iifname \"gantry0\" accept", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("@direct", plain, StringComparison.Ordinal);
        var strict = new BridgeRules(s_options with { Masquerade = false, InterContainer = false, AllowDirectRouting = true }, s_subnet.ToString()).Install([]);
        Assert.DoesNotContain("oifname != \"gantry0\" masquerade", strict, StringComparison.Ordinal);
        Assert.Contains("iifname \"gantry0\" drop", strict, StringComparison.Ordinal);
        Assert.Contains("@direct accept", strict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x\"; flush ruleset", "--bip")]
    [InlineData("172.17.0.0/16", "--bip")]
    [InlineData("172.17.255.255/16", "--bip")]
    [InlineData("172.17.0.1/31", "--bip")]
    public void Bad_addresses_are_refused_by_name(string address, string option)
    {
        var refused = Assert.Throws<GantryException>(() => BridgeInterface.Validate(s_options with { BridgeAddress = address }, out _));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains(option, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var refused = Assert.Throws<GantryException>(() => BridgeInterface.Validate(
            s_options with { BridgeName = "a name that is too long", Mtu = 1, BridgeAddress = "10.0.0.1/24", FixedCidr = "10.0.1.0/24" }, out _));
        foreach (var word in new[] { "bridge name", "--mtu", "--fixed-cidr" })
            Assert.Contains(word, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_firewall_that_drops_is_told_with_the_remedy()
    {
        const string Docker = """{"nftables":[{"metainfo":{}},{"chain":{"family":"ip","table":"filter","name":"FORWARD","hook":"forward","policy":"drop"}},{"chain":{"family":"ip","table":"filter","name":"DOCKER-USER"}},{"chain":{"family":"ip6","table":"filter","name":"FORWARD","hook":"forward","policy":"drop"}},{"chain":{"family":"inet","table":"mine","name":"fw","hook":"forward","policy":"accept"}},{"chain":{"family":"ip","table":"gantry","name":"forward","hook":"forward","policy":"drop"}}]}""";
        var warning = Assert.Single(ForeignFirewall.Warnings(Docker, s_options));
        Assert.Contains("iptables -I DOCKER-USER -i gantry0 -j ACCEPT", warning, StringComparison.Ordinal);
        Assert.Empty(ForeignFirewall.Warnings("""{"nftables":[]}""", s_options));
    }

    [Theory]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", "127.0.0.1", "4711")]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", "0.0.0.0", "4711")]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", "10.0.0.1", null)]
    [InlineData("   0: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4711 1", "127.0.0.1", null)]
    [InlineData("   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 4712 1", "10.0.0.1", "4712")]
    [InlineData("   0: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", "127.0.0.1", null)]
    [InlineData("garbage", "127.0.0.1", null)]
    public void A_sockets_line_is_read(string line, string address, string? inode) =>
        Assert.Equal(inode, PortHolder.Socket(line, IPAddress.Parse(address), 8080, onlyListening: true));
}
