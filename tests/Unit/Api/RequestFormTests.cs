using System.Text;
using Gantry.Api.Images;
using Gantry.Model;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class RequestFormTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("linux/aarch64", "linux/arm64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/arm/v6", "linux/arm/v6")]
    [InlineData("arm64", "linux/arm64")]
    [InlineData("Linux/AMD64", "linux/amd64")]
    [InlineData("""{"os":"linux","architecture":"arm64","variant":"v8"}""", "linux/arm64")]
    public void Platforms(string text, string expected)
    {
        var platform = PlatformText.Parse(text)!;
        Assert.Equal(expected, $"{platform.Os}/{platform.Architecture}{(platform.Variant is null ? "" : "/" + platform.Variant)}");
    }

    [Theory]
    [InlineData("a/b/c/d")]
    [InlineData("linux/")]
    [InlineData("foobar")]
    [InlineData("linux/a md64")]
    [InlineData("{}")]
    [InlineData("{")]
    public void OtherPlatformsAreRefused(string text) => Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => PlatformText.Parse(text)).Kind);

    [Fact]
    public void NoPlatformIsNone() => Assert.Null(PlatformText.Parse(""));

    [Theory]
    [InlineData("""{"username":"u","password":"p?>"}""", "u", "p?>")]
    [InlineData("""{"auth":"dTpwOnE="}""", "u", "p:q")]
    public void Credentials(string json, string user, string password)
    {
        var ordinary = Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
        foreach (var text in (string[])[ordinary, ordinary.Replace('+', '-').Replace('/', '_'), ordinary.Replace('+', '-').Replace('/', '_').TrimEnd('=')])
        {
            var auth = RegistryAuth.Read(new HeaderDictionary { ["X-Registry-Auth"] = text })!;
            Assert.Equal((user, password), (auth.Username, auth.Password));
        }
    }

    [Theory]
    [InlineData("geheim!", "invalid X-Registry-Auth header: it is not base64")]
    [InlineData("Z2VoZWlt", "invalid X-Registry-Auth header: it is not JSON in base64")]
    public void BrokenCredentialsAreNotRepeated(string header, string message)
    {
        var exception = Assert.Throws<GantryException>(() => RegistryAuth.Read(new HeaderDictionary { ["X-Registry-Auth"] = header }));
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void NoCredentials()
    {
        Assert.Null(RegistryAuth.Read(new HeaderDictionary()));
        Assert.Equal("", RegistryAuth.Read(new HeaderDictionary { ["X-Registry-Auth"] = "e30=" })!.Username ?? "");
    }
}
