using System.Text;
using Gantry.Model;
using Gantry.Model.Patterns;
using Xunit;

namespace Gantry.Tests.Unit.Model.Patterns;

public sealed class IgnoreFileTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a\nb", "a|b")]
    [InlineData("a\r\n\r\nb\r\n", "a|b")]
    [InlineData("#a\n #b\nc#d", "#b|c#d")]
    [InlineData("  a  \n\t\nb\t", "a|b")]
    [InlineData("/a/b/\n./c//d/../e", "a/b|c/e")]
    [InlineData("! /a\n!\n! b/ ", "!a|!|!b")]
    [InlineData("/", "/")]
    [InlineData("../a", "../a")]
    [InlineData("a b", "a b")]
    [InlineData("\uFEFF#a\nb", "b")]
    [InlineData("a\n\uFEFFb", "a|\uFEFFb")]
    public void LinesBecomePatterns(string file, string patterns) =>
        Assert.Equal(patterns.Split('|', StringSplitOptions.RemoveEmptyEntries), IgnoreFile.Read(Encoding.UTF8.GetBytes(file)));

    [Fact]
    public void ALineAsLongAsAFileIsRefused()
    {
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => IgnoreFile.Read(new byte[65536])).Kind);
        Assert.Single(IgnoreFile.Read(Encoding.UTF8.GetBytes(new string('a', 65535))));
    }
}
