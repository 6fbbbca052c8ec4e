using Gantry.Distribution;
using Gantry.Model;
using Gantry.Model.Images;
using Xunit;

namespace Gantry.Tests.Unit.Distribution;

public sealed class PlatformChoiceTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64,linux/arm64/v8", 0)]
    [InlineData("linux/arm64", "linux/amd64,linux/arm64/v8", 1)]
    [InlineData("linux/arm64", "linux/amd64,linux/arm64", 1)]
    [InlineData("linux/arm/v7", "linux/arm/v5,linux/arm/v6,linux/arm/v7", 2)]
    [InlineData("linux/arm/v6", "linux/arm/v5,linux/arm/v6,linux/arm/v7", 1)]
    [InlineData("linux/arm/v5", "linux/arm/v6,linux/arm/v7", -1)]
    [InlineData("linux/amd64", "windows/amd64", -1)]
    [InlineData("linux/x86_64", "linux/amd64", 0)]
    [InlineData("linux/amd64", "linux/amd64/v3,linux/amd64", 1)]
    [InlineData("linux/amd64/v3", "linux/amd64/v2,linux/amd64", 0)]
    [InlineData("linux/s390x", "linux/amd64", -1)]
    public void ChoosesTheBest(string wanted, string offered, int expected)
    {
        var manifests = offered.Split(',').Select((p, i) => new Descriptor { MediaType = MediaTypes.OciManifest, Digest = Digest.OfSha256([.. Enumerable.Repeat((byte)i, 32)]), Platform = PlatformChoice.Parse(p) }).ToList();
        var chosen = PlatformChoice.Choose(manifests, PlatformChoice.Parse(wanted));
        Assert.Equal(expected, chosen is null ? -1 : manifests.IndexOf(chosen));
    }

    [Fact]
    public void LeavesAttestationsOut()
    {
        var attestation = new Descriptor { MediaType = MediaTypes.OciManifest, Digest = Digest.OfSha256(new byte[32]), Platform = new() { Os = "unknown", Architecture = "unknown" }, Annotations = new Dictionary<string, string> { ["vnd.docker.reference.type"] = "attestation-manifest" } };
        Assert.Null(PlatformChoice.Choose([attestation], PlatformChoice.Host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("a/b/c/d")]
    [InlineData("linux/amd 64")]
    public void RefusesWhatIsNoPlatform(string text) => Assert.Throws<GantryException>(() => PlatformChoice.Parse(text));
}
