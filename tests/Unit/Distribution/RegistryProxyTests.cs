using Gantry.Distribution;
using Xunit;

namespace Gantry.Tests.Unit.Distribution;

public sealed class RegistryProxyTests
{
    [Theory]
    [InlineData("https://registry.example.com/v2/", "", "http://secure:1/")]
    [InlineData("http://registry.example.com/v2/", "", "http://plain:3128/")]
    [InlineData("https://registry.example.com/v2/", "example.com", null)]
    [InlineData("https://registry.example.com/v2/", ".example.com", null)]
    [InlineData("https://registry.example.com/v2/", "*.example.com", null)]
    [InlineData("https://example.com/v2/", ".example.com", "http://secure:1/")]
    [InlineData("https://badexample.com/v2/", "example.com", "http://secure:1/")]
    [InlineData("https://registry.example.com:5000/v2/", "registry.example.com:5000", null)]
    [InlineData("https://registry.example.com/v2/", "registry.example.com:5000", "http://secure:1/")]
    [InlineData("http://10.1.2.3:5000/v2/", "10.0.0.0/8", null)]
    [InlineData("http://10.1.2.3:5000/v2/", "localhost, 10.1.2.3", null)]
    [InlineData("http://11.1.2.3:5000/v2/", "10.0.0.0/8", "http://plain:3128/")]
    [InlineData("https://anything/v2/", "*", null)]
    [InlineData("http://127.0.0.1:5000/v2/", "", null)]
    [InlineData("http://localhost:5000/v2/", "", null)]
    [InlineData("http://[::1]:5000/v2/", "", null)]
    public void TheProxyOfAnAddress(string address, string without, string? proxy)
    {
        var chosen = new RegistryProxy(new ProxyOptions { Http = "plain:3128", Https = "http://secure:1", Without = without });
        var url = new Uri(address);
        Assert.Equal(proxy, chosen.IsBypassed(url) ? null : chosen.GetProxy(url)?.ToString());
    }

    [Fact]
    public void WithoutProxiesEverythingIsReachedDirectly() => Assert.True(new RegistryProxy(new ProxyOptions()).IsBypassed(new Uri("https://registry.example.com")));

    [Fact]
    public void TheEnvironmentFillsInWhatIsNotGiven()
    {
        var environment = new Dictionary<string, string> { ["HTTP_PROXY"] = "http://a", ["http_proxy"] = "http://b", ["https_proxy"] = "http://c", ["NO_PROXY"] = "d" };
        Assert.Equal(
            new ProxyOptions { Http = "http://a", Https = "http://c", Without = "e" },
            new ProxyOptions { Without = "e" }.OrEnvironment(environment.GetValueOrDefault));
    }
}
