using Gantry.Build;
using System.Text;
using Gantry.Engine.Builds;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Builds;

public sealed class CacheDocumentTests
{
    private static readonly CacheShape s_image = CacheShape.Read(new CacheSpec { Type = "registry" });

    private static readonly Digest s_one = Digest.Parse("sha256:" + new string('1', 64));
    private static readonly Digest s_two = Digest.Parse("sha256:" + new string('2', 64));

    private static readonly CacheDocument s_document = new()
    {
        Layers = [new() { Blob = s_one, DiffId = s_two, MediaType = "t", SizeBytes = 5, Created = DateTimeOffset.UnixEpoch.AddMilliseconds(7), Begun = DateTimeOffset.UnixEpoch }, new() { Blob = s_two, DiffId = s_one, MediaType = "t", SizeBytes = 0 }],
        Records = new Dictionary<Digest, int> { [s_two] = 1, [s_one] = 0 },
        Mounts = new Dictionary<string, int> { [new string('a', 32)] = 1 },
    };

    [Fact]
    public void WhatIsWrittenIsReadAgain()
    {
        var written = s_document.Write();
        var read = CacheDocument.Read(written)!;
        Assert.Equal(s_document.Layers, read.Layers);
        Assert.Equal(s_document.Records, read.Records);
        Assert.Equal(s_document.Mounts, read.Mounts);
        Assert.Equal(written, read.Write());
    }

    [Theory]
    [InlineData("""{"layers":[{"blob":"sha256:x","parent":-1}],"records":[{"digest":"random:x"}]}""")]
    [InlineData("{}")]
    public void AnotherToolsIsNobodys(string json) => Assert.Null(CacheDocument.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("\"layer\":1}", "\"layer\":2}")]
    [InlineData("\"layer\":1}", "\"layer\":-1}")]
    [InlineData("\"size\":5", "\"size\":-5")]
    [InlineData("\"size\":5", "\"size\":1e99")]
    [InlineData("\"digest\":\"sha256:1", "\"digest\":\"md5:1")]
    [InlineData("aaaaaaaa\":1", "../../..\":1")]
    [InlineData("1970-01-01T00:00:00.007Z", "never")]
    [InlineData("\"gantry\":1", "\"gantry\":\"1\"")]
    [InlineData("}]}]", "}]")]
    public void WhatCannotBeIsRefused(string old, string changed)
    {
        var json = Encoding.UTF8.GetString(s_document.Write());
        Assert.Contains(old, json, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => CacheDocument.Read(Encoding.UTF8.GetBytes(json.Replace(old, changed, StringComparison.Ordinal)))).Kind);
    }

    [Fact]
    public void ADocumentBesideTheManifestIsFoundInBothShapes()
    {
        var config = new Gantry.Model.Images.Descriptor { MediaType = CacheDocument.MediaType, Digest = s_one, Size = 3 };
        var layer = new Gantry.Model.Images.Descriptor { MediaType = "t", Digest = s_two, Size = 4 };
        Assert.Equal(config, CacheManifests.FindConfig(CacheManifests.Write(config, [layer], s_image).Content));
        Assert.Equal(config, CacheManifests.FindConfig(CacheManifests.Write(config, [layer], s_image with { IsImage = false }).Content));
        Assert.Null(CacheManifests.FindConfig(CacheManifests.Write(layer, [config], s_image).Content));
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => CacheManifests.FindConfig("[]"u8.ToArray())).Kind);
        Assert.Throws<GantryException>(() => CacheManifests.Verify(s_one, [1]));
    }
}
