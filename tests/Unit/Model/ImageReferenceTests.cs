using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Model;

/// <summary>Cases from the tests of distribution/reference, as facts.</summary>
public sealed class ImageReferenceTests
{
    private const string Hex64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string Sha = "sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("postgres", "docker.io/library/postgres", "postgres")]
    [InlineData("postgres:16", "docker.io/library/postgres:16", "postgres:16")]
    [InlineData("library/postgres", "docker.io/library/postgres", "postgres")]
    [InlineData("docker.io/postgres", "docker.io/library/postgres", "postgres")]
    [InlineData("index.docker.io/library/postgres", "docker.io/library/postgres", "postgres")]
    [InlineData("fooo/bar", "docker.io/fooo/bar", "fooo/bar")]
    [InlineData("docker.io/library/foo/bar", "docker.io/library/foo/bar", "library/foo/bar")]
    [InlineData("localhost/x", "localhost/x", "localhost/x")]
    [InlineData("localhost:5000/x:y", "localhost:5000/x:y", "localhost:5000/x:y")]
    [InlineData("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b")]
    [InlineData("[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag")]
    [InlineData("[2001:db8::1]/repo", "[2001:db8::1]/repo", "[2001:db8::1]/repo")]
    [InlineData("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com")]
    [InlineData("foo_bar.com:8080", "docker.io/library/foo_bar.com:8080", "foo_bar.com:8080")]
    [InlineData("foo/foo_bar.com:8080", "docker.io/foo/foo_bar.com:8080", "foo/foo_bar.com:8080")]
    [InlineData("FOO/bar", "FOO/bar", "FOO/bar")]
    [InlineData("name@" + Sha, "docker.io/library/name@" + Sha, "name@" + Sha)]
    [InlineData("name:tag@" + Sha, "docker.io/library/name:tag@" + Sha, "name:tag@" + Sha)]
    public void Parses(string text, string canonical, string familiar)
    {
        var reference = ImageReference.Parse(text);
        Assert.Equal(canonical, reference.ToString());
        Assert.Equal(familiar, reference.Familiar);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":justtag")]
    [InlineData("@" + Sha)]
    [InlineData("repo@sha256:ffff")]
    [InlineData("-foo/bar")]
    [InlineData("foo/-bar")]
    [InlineData("foo/bar-")]
    [InlineData("foo///bar")]
    [InlineData("foo//bar")]
    [InlineData("a:b:c")]
    [InlineData("foo.com/a..b")]
    [InlineData("foo/_a")]
    [InlineData("foo/a___b")]
    [InlineData("https://github.com/docker/docker")]
    [InlineData("docker/Docker")]
    [InlineData("Uppercase:tag")]
    [InlineData("x:tag with blank")]
    [InlineData("[fe80::1%eth0]:5000/repo")]
    [InlineData("[2001:db8::1")]
    [InlineData("x\0y")]
    [InlineData(Hex64)]
    [InlineData("validname@invaliddigest:" + Hex64 + Hex64)]
    public void Refuses(string text)
    {
        Assert.False(ImageReference.TryParse(text, out _));
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => ImageReference.Parse(text)).Kind);
    }

    [Theory]
    [InlineData("docker/Docker", "invalid reference format: repository name (docker/Docker) must be lowercase")]
    [InlineData("Uppercase", "invalid reference format: repository name (library/Uppercase) must be lowercase")]
    [InlineData("foo///bar", "invalid reference format")]
    [InlineData("validname@invaliddigest:" + Hex64 + Hex64, "unsupported digest algorithm")]
    [InlineData("repo@sha256:ffffffffffffffffffffffffffffffffff", "invalid checksum digest length")]
    public void SaysWhy(string text, string message) => Assert.Equal(message, Assert.Throws<GantryException>(() => ImageReference.Parse(text)).Message);

    [Fact]
    public void BoundsLengths()
    {
        Assert.True(ImageReference.TryParse("x:" + new string('t', 128), out _));
        Assert.False(ImageReference.TryParse("x:" + new string('t', 129), out _));
        Assert.False(ImageReference.TryParse(string.Join('/', Enumerable.Repeat("abcdefgh", 40)), out _));
    }

    [Fact]
    public void DefaultTagIsLatestUnlessNamed()
    {
        Assert.Equal("postgres:latest", ImageReference.Parse("postgres").WithDefaultTag().Familiar);
        Assert.Equal("postgres:16", ImageReference.Parse("postgres:16").WithDefaultTag().Familiar);
        Assert.Equal("postgres@" + Sha, ImageReference.Parse("postgres@" + Sha).WithDefaultTag().Familiar);
    }
}
