using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Model;

/// <summary>How ids of a user namespace are numbered on the host.</summary>
public sealed class IdMapTests
{
    private static readonly IdMap s_map = IdMap.Parse("         0     100000      1000\n      1000     500000         10\n", "0 200000 65536\n");

    [Fact]
    public void IdsGoBothWays()
    {
        Assert.Equal((100000u, 200000u), s_map.Root);
        Assert.Equal(((uint?)100999u, (uint?)500003u, (uint?)null), (s_map.HostUid(999), s_map.HostUid(1003), s_map.HostUid(1010)));
        Assert.Equal((999u, 1003u, IdMap.Nobody), (s_map.InnerUid(100999), s_map.InnerUid(500003), s_map.InnerUid(0)));
        Assert.Equal((65535u, IdMap.Nobody), (s_map.InnerGid(265535), s_map.InnerGid(265536)));
    }

    [Fact]
    public void TheFirstNamespaceIsTheIdentity()
    {
        Assert.True(IdMap.Parse("         0          0 4294967295\n", "         0          0 4294967295\n").IsIdentity);
        Assert.False(s_map.IsIdentity);
        Assert.Equal((uint?)4711u, IdMap.Identity.HostUid(4711));
    }

    [Fact]
    public void FilesKeptOtherwiseAreNumberedAnew()
    {
        // As they are on disk: what the mapping itself says.
        Assert.True(s_map.Over(IdMap.Identity).IsSame(s_map));
        // Kept for another mapping: from that one's ids to this one's, where both have the inner id.
        var other = IdMap.Parse("0 700000 1005\n", "0 800000 10\n");
        var over = s_map.Over(other);
        Assert.Equal(((uint?)100000u, (uint?)500004u, (uint?)null), (over.HostUid(700000), over.HostUid(701004), over.HostUid(701005)));
        Assert.Equal(((uint?)200009u, (uint?)null), (over.HostGid(800009), over.HostGid(800010)));
    }

    [Theory]
    [InlineData("0 1")]
    [InlineData("0 -1 5")]
    [InlineData("a b c")]
    public void WhatIsNoMapIsRefused(string text) => Assert.ThrowsAny<FormatException>(() => IdMap.Parse(text, ""));
}
