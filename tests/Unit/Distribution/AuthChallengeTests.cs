using Gantry.Distribution;
using Xunit;

namespace Gantry.Tests.Unit.Distribution;

public sealed class AuthChallengeTests
{
    [Fact]
    public void ParsesBearer()
    {
        var challenge = Assert.Single(AuthChallenge.Parse("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\""));
        Assert.Equal("bearer", challenge.Scheme);
        Assert.Equal("https://auth.docker.io/token", challenge.Find("realm"));
        Assert.Equal("registry.docker.io", challenge.Find("service"));
        Assert.Equal("repository:a/b:pull,push", challenge.Find("scope"));
    }

    [Fact]
    public void ParsesSeveralInOneHeader()
    {
        var challenges = AuthChallenge.Parse("Basic realm=\"a \\\"quoted\\\" place\", Bearer realm=https://x , service = y");
        Assert.Equal(["basic", "bearer"], challenges.Select(c => c.Scheme));
        Assert.Equal("a \"quoted\" place", challenges[0].Find("realm"));
        Assert.Equal("y", challenges[1].Find("service"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",,, ,")]
    [InlineData("Bearer")]
    [InlineData("Bearer realm=")]
    [InlineData("Bearer realm=\"unterminated")]
    [InlineData("= = =")]
    [InlineData("\"\"\"\"")]
    public void NeverThrows(string header) => Assert.True(AuthChallenge.Parse(header).Count <= 3);
}
