using Gantry.Kernel.Netlink;
using Xunit;

namespace Gantry.Tests.Unit.Netlink;

public sealed class NetlinkTests
{
    [Fact]
    public void Messages_are_laid_out_as_the_kernel_reads_them()
    {
        var writer = new NetlinkWriter().Begin(16, 0x605).Struct(0x01020304u).Text(3, "lo").Begin(17, 5).UInt8(1, 9);
        Assert.Equal(2, writer.Count);
        Assert.Equal(
            "1C00000010000506000000000000000004030201" + "070003006C6F0000" + "18000000" + "11000500" + "01000000" + "00000000" + "0500010009000000",
            Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void Nested_attributes_know_their_length()
    {
        var writer = new NetlinkWriter().Begin(1, 1).Nested(18, outer => outer.Text(1, "veth").Nested(2, inner => inner.UInt32(5, 7)));
        var attributes = new NetlinkAttributes(writer.Written[16..]);
        Assert.True(attributes.Next());
        Assert.Equal(18, attributes.Type);
        var outer = new NetlinkAttributes(attributes.Value);
        Assert.True(outer.Next());
        Assert.Equal("veth", outer.Text);
        Assert.True(outer.Next());
        var inner = new NetlinkAttributes(outer.Value);
        Assert.True(inner.Next());
        Assert.Equal(7u, inner.UInt32);
        Assert.False(inner.Next());
        Assert.False(attributes.Next());
        Assert.Equal(writer.Written.Length, BitConverter.ToInt32(writer.Written[..4]));
    }

    [Fact]
    public void Growing_keeps_what_was_written()
    {
        var writer = new NetlinkWriter().Begin(1, 1).Nested(2, nested =>
        {
            for (var i = 0; i < 500; i++)
                nested.UInt32(3, (uint)i);
        });
        Assert.Equal(16 + 4 + (500 * 8), writer.Written.Length);
        var attributes = new NetlinkAttributes(writer.Written[16..]);
        Assert.True(attributes.Next());
        var inner = new NetlinkAttributes(attributes.Value);
        for (uint i = 0; i < 500; i++)
        {
            Assert.True(inner.Next());
            Assert.Equal(i, inner.UInt32);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0400")]
    [InlineData("03000100")]
    [InlineData("0000010000000000")]
    [InlineData("FFFF010000000000")]
    public void Malformed_attributes_end_the_walk(string hex)
    {
        var attributes = new NetlinkAttributes(Convert.FromHexString(hex));
        Assert.False(attributes.Next());
    }
}
