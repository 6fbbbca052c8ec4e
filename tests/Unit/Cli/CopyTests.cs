using Gantry.Cli.Copy;
using Gantry.Cli.Flags;
using Xunit;

namespace Gantry.Tests.Unit.Cli;

/// <summary>The rules of <c>cp</c>: what a slash, a dot, a file and a directory on either side mean.</summary>
public sealed class CopyTests
{
    [Theory]
    [InlineData("web:/etc", "web", "/etc")]
    [InlineData("/tmp/a:b", null, "/tmp/a:b")]
    [InlineData("./a:b", null, "./a:b")]
    [InlineData("plain", null, "plain")]
    [InlineData("web:rel:x", "web", "rel:x")]
    public void SidesAreToldApart(string text, string? container, string path) => Assert.Equal(new CopyArgument(container, path), CopyArgument.Parse(text));

    [Theory]
    [InlineData("/a/b", "/a", "b")]
    [InlineData("/a/b/", "/a", "b")]
    [InlineData("/a/b/.", "/a/b", ".")]
    [InlineData("/", "/", "/")]
    [InlineData("a", ".", "a")]
    [InlineData("/a", "/", "a")]
    public void PathsAreSplit(string path, string directory, string entry) => Assert.Equal((directory, entry), CopyPath.Split(path));

    [Theory]
    // source, is it a directory, destination, is there something, a directory → where to, called what; null: refused
    [InlineData("/s/f", false, "/d", true, true, "/d", "f")]
    [InlineData("/s/f", false, "/d", true, false, "/", "d")]
    [InlineData("/s/f", false, "/d", false, false, "/", "d")]
    [InlineData("/s/f", false, "/d/", false, false, null, "no such directory")]
    [InlineData("/s/dir", true, "/d", true, true, "/d", "dir")]
    [InlineData("/s/dir/.", true, "/d", true, true, "/d", ".")]
    [InlineData("/s/dir", true, "/d", true, false, null, "cannot copy directory")]
    [InlineData("/s/dir", true, "/d/new", false, false, "/d", "new")]
    [InlineData("/s/dir/.", true, "/d/new", false, false, "/d", "new")]
    [InlineData("/s/dir", true, "/d/new/", false, false, "/d", "new")]
    public void TheDestinationDecides(string source, bool isDirectory, string destination, bool exists, bool toDirectory, string? where, string name)
    {
        (string, string) Plan() => CopySide.Plan(new(source, true, isDirectory), new(destination, exists, toDirectory));
        if (where is null)
            Assert.Equal(name, Assert.Throws<FlagException>(() => Plan()).Message);
        else
            Assert.Equal((where, name), Plan());
    }

    [Fact]
    public void AFollowedLinkKeepsItsName()
    {
        Assert.Equal(("/data/real", "link"), CopyPath.Follow("/data/link", "/data/real"));
        Assert.Equal(("/data/real/.", (string?)null), CopyPath.Follow("/data/link/.", "/data/real"));
        Assert.Equal(("/other/link", (string?)null), CopyPath.Follow("/data/link", "/other/link"));
    }
}
