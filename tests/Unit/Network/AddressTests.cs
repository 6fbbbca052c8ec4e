using System.Net;
using Gantry.Model;
using Gantry.Network.Addresses;
using Xunit;

namespace Gantry.Tests.Unit.Network;

public sealed class AddressTests
{
    [Theory]
    [InlineData("172.17.0.1/16", "172.17.0.0/16")]
    [InlineData("10.1.2.3/32", "10.1.2.3/32")]
    [InlineData("1.2.3.4/0", "0.0.0.0/0")]
    public void Subnets_drop_host_bits(string text, string expected)
    {
        Assert.True(Subnet.TryParse(text, out var subnet, out var address));
        Assert.Equal(expected, subnet.ToString());
        Assert.Equal(text.Split('/')[0], address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("172.17.0.1")]
    [InlineData("172.17.1/16")]
    [InlineData("172.17.0.1/33")]
    [InlineData("172.17.0.1/-1")]
    [InlineData("172.17.0.1/16/1")]
    [InlineData("fd00::1/64")]
    [InlineData("x/16")]
    public void What_is_no_subnet_is_refused(string? text) => Assert.False(Subnet.TryParse(text, out _, out _));

    [Fact]
    public void Docker_pools_come_in_dockers_order()
    {
        var pools = AddressPools.Default.Select(pool => pool.ToString()).ToList();
        Assert.Equal(31, pools.Count);
        Assert.Equal(["172.17.0.0/16", "172.18.0.0/16"], pools[..2]);
        Assert.Equal(["172.31.0.0/16", "192.168.0.0/20", "192.168.16.0/20"], pools[14..17]);
        Assert.Equal("192.168.240.0/20", pools[^1]);
    }

    [Fact]
    public void A_pool_that_overlaps_a_route_is_skipped()
    {
        var (wide, narrow) = (Parse("172.16.0.0/15"), Parse("172.18.7.0/24"));
        Assert.Equal("172.19.0.0/16", AddressPools.Choose(AddressPools.Default, [wide, narrow]).ToString());
        var everything = Parse("0.0.0.0/0");
        var none = Assert.Throws<GantryException>(() => AddressPools.Choose(AddressPools.Default, [everything]));
        Assert.Equal(ErrorKind.Exhausted, none.Kind);
        Assert.Contains("--bip", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_go_round_before_one_is_used_again()
    {
        var allocator = Make("10.0.0.0/29", "10.0.0.1");
        var first = allocator.Take();
        Assert.Equal("10.0.0.2", first.ToString());
        allocator.Free(first);
        Assert.Equal(["10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2"], Enumerable.Range(0, 5).Select(_ => allocator.Take().ToString()));
        Assert.Null(allocator.TryTake());
        Assert.Throws<GantryException>(() => allocator.Take());
        allocator.Free(IPAddress.Parse("10.0.0.4"));
        Assert.Equal("10.0.0.4", allocator.Take().ToString());
    }

    [Fact]
    public void Gateway_network_and_broadcast_are_never_given()
    {
        var allocator = Make("10.0.0.0/30", "10.0.0.2");
        Assert.Equal("10.0.0.1", allocator.Take().ToString());
        Assert.Null(allocator.TryTake());
        foreach (var address in new[] { "10.0.0.0", "10.0.0.3", "10.0.1.1", "::1" })
            Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => allocator.Take(IPAddress.Parse(address))).Kind);
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => allocator.Take(IPAddress.Parse("10.0.0.2"))).Kind);
    }

    [Fact]
    public void A_range_limits_what_is_handed_out_but_not_what_is_asked_for()
    {
        var allocator = Make("10.0.0.0/24", "10.0.0.1", "10.0.0.128/30");
        Assert.Equal(["10.0.0.128", "10.0.0.129", "10.0.0.130", "10.0.0.131"], Enumerable.Range(0, 4).Select(_ => allocator.Take().ToString()));
        Assert.Null(allocator.TryTake());
        allocator.Take(IPAddress.Parse("10.0.0.77"));
    }

    [Fact]
    public void Adopted_addresses_are_skipped()
    {
        var allocator = Make("10.0.0.0/24", "10.0.0.1");
        allocator.Adopt(IPAddress.Parse("10.0.0.2"));
        allocator.Adopt(IPAddress.Parse("192.0.2.1"));
        Assert.Equal("10.0.0.3", allocator.Take().ToString());
    }

    [Fact]
    public void Hardware_addresses_follow_the_address()
    {
        Assert.Equal("02:42:ac:11:00:02", MacAddress.Format(MacAddress.For(IPAddress.Parse("172.17.0.2"))));
        Assert.Equal("02:42:ac:11:00:02", MacAddress.Format(MacAddress.Parse("02-42-AC-11-00-02")));
        foreach (var bad in new[] { "", "02:42:ac:11:00", "02:42:ac:11:00:0g", "2:42:ac:11:00:02", "02:42:ac:11:00:02:03", "01:42:ac:11:00:02" })
            Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => MacAddress.Parse(bad)).Kind);
    }

    private static AddressAllocator Make(string subnet, string gateway, string? range = null) =>
        new(Parse(subnet), range is null ? null : Parse(range), IPAddress.Parse(gateway));

    private static Subnet Parse(string text) => Subnet.TryParse(text, out var subnet, out _) ? subnet : throw new ArgumentException(text);

    [Fact]
    public void APoolIsCutIntoSubnets()
    {
        Assert.Equal(["10.10.0.0/26", "10.10.0.64/26", "10.10.0.128/26", "10.10.0.192/26"], AddressPool.Parse("base=10.10.0.7/24,size=26").Subnets.Select(subnet => subnet.ToString()));
        Assert.Equal(["255.255.255.0/24"], AddressPool.Parse("size=24,base=255.255.255.0/24").Subnets.Select(subnet => subnet.ToString()));
    }

    [Theory]
    [InlineData("10.10.0.0/16")]
    [InlineData("base=10.10.0.0/16")]
    [InlineData("base=10.10.0.0/16,size=8")]
    [InlineData("base=10.10.0.0/16,size=31")]
    [InlineData("base=10.10.0.0/16,size=24,color=red")]
    public void WhatIsNoPoolIsRefused(string text) => Assert.Throws<FormatException>(() => AddressPool.Parse(text));
}
