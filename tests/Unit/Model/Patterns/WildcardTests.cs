using Gantry.Model;
using Gantry.Model.Patterns;
using Xunit;

namespace Gantry.Tests.Unit.Model.Patterns;

public sealed class WildcardTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("**", "ab", true)]
    [InlineData("*.txt", "notes.txt", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-b/b-c", false)]
    [InlineData("*/x", "a/x", true)]
    [InlineData("*/x", "a/b/x", false)]
    [InlineData("*:latest", "busybox:latest", true)]
    [InlineData("a*b*c*d*e", "aXbXcXdX", false)]
    [InlineData("?", "\U0001F600", true)]
    [InlineData("?", "/", false)]
    [InlineData("[^a]", "/", true)]
    [InlineData("[a-cx-z]1", "y1", true)]
    [InlineData("[a-cx-z]1", "m1", false)]
    [InlineData("[c-a]", "b", false)]
    [InlineData("\\[a\\]", "[a]", true)]
    [InlineData("[*]", "*", true)]
    [InlineData("[*]", "a", false)]
    public void AWholeNameMatches(string pattern, string name, bool matches) => Assert.Equal(matches, Wildcard.Parse(pattern).Matches(name));

    [Theory]
    [InlineData("[")]
    [InlineData("a[")]
    [InlineData("[a")]
    [InlineData("[^")]
    [InlineData("[]a]")]
    [InlineData("[a-]")]
    [InlineData("[a-b-c]")]
    [InlineData("\\")]
    [InlineData("[\\")]
    public void MalformedOnesAreRefused(string pattern)
    {
        Assert.Null(Wildcard.TryParse(pattern));
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => Wildcard.Parse(pattern)).Kind);
    }

    [Theory]
    [InlineData("", ".")]
    [InlineData("a//b/./c/..", "a/b")]
    [InlineData("/..", "/")]
    [InlineData("../../a", "../../a")]
    [InlineData("a/../..", "..")]
    [InlineData("/a/", "/a")]
    public void PathsAreCleaned(string path, string cleaned) => Assert.Equal(cleaned, GoPath.Clean(path));

    [Fact]
    public void PathsAreTakenApartAndJoined()
    {
        Assert.Equal("a", GoPath.DirectoryOf("a/b"));
        Assert.Equal("a", GoPath.DirectoryOf("a/"));
        Assert.Equal(".", GoPath.DirectoryOf("a"));
        Assert.Equal("/", GoPath.DirectoryOf("/a"));
        Assert.Equal("b", GoPath.NameOf("a/b//"));
        Assert.Equal("/", GoPath.NameOf("//"));
        Assert.Equal(".", GoPath.NameOf(""));
        Assert.Equal("/a/c", GoPath.Join("/a", "", "b/../c"));
        Assert.Equal("", GoPath.Join("", ""));
        Assert.True(GoPath.HasWildcards("a[b"));
        Assert.False(GoPath.HasWildcards("a\\*b"));
    }
}
