using Gantry.Distribution;
using Xunit;

namespace Gantry.Tests.Unit.Distribution;

public sealed class RegistryEndpointTests
{
    [Theory]
    [InlineData("127.0.0.1:5000", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("localhost:80", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("10.1.2.3:5000", true)]
    [InlineData("my.registry:5000", true)]
    [InlineData("my.registry:5001", false)]
    [InlineData("11.1.2.3", false)]
    [InlineData("127.0.0.1.example.org", false)]
    public void LoopbackAndListedAreInsecure(string authority, bool insecure) =>
        Assert.Equal(insecure, RegistryEndpoint.IsListed(authority, ["10.0.0.0/8", "my.registry:5000"]));

    [Fact]
    public void MirrorsComeFirstForDockerHubOnly()
    {
        var options = new RegistryOptions { Mirrors = ["http://127.0.0.1:5000", "https://mirror.example/"] };
        Assert.Equal(["http://127.0.0.1:5000/", "https://mirror.example/", "https://registry-1.docker.io/"], RegistryEndpoint.For("docker.io", options).Select(e => e.Address.ToString()));
        Assert.Equal(["https://quay.io/"], RegistryEndpoint.For("quay.io", options).Select(e => e.Address.ToString()));
    }
}
