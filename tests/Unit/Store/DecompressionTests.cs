using System.Text;
using Gantry.Store;
using Xunit;

namespace Gantry.Tests.Unit.Store;

/// <summary>Archives as <c>xz</c> and <c>bzip2</c> make them; both are told by their first bytes.</summary>
public sealed class DecompressionTests
{
    // tar with one file "f", "hello\n"; 10240 bytes.
    public static TheoryData<string> Archives =>
    [
        "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AF9dADMAM1AYaImDAdzibkdnUCbaMYkclpBPWVwqyA2vshrqXeB6UvwBMMS0jKw38DCuZ2pyQLNzFhWm8nrXV9DBMgwgyE5GEaiDNOc/PAnqwN+mqyk+vUv+yUSzcy+yyTQAAABZWkLOMxCOSQABe4BQAAAA75Zb2LHEZ/sCAAAAAARZWg==",
        "QlpoOTFBWSZTWf/hyE8AAHD7hMmQAERAAGWAAADjRJ4AAACACCAAVDSJkYTT0AJ6CSp5IaZMgDQW+4m7oQRvASM6RKzywK3JIGDth7M0Elv0QX49RqZVqwebJrY+Bjb9IwIjSIgOC7kinChIf/DkJ4A=",
    ];

    [Theory]
    [MemberData(nameof(Archives))]
    public void PlainContentComesOut(string archive)
    {
        var plain = Read(Convert.FromBase64String(archive));
        Assert.Equal(10240, plain.Length);
        Assert.Equal("hello\n", Encoding.ASCII.GetString(plain, 512, 6));
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public void DamageIsFoundWhereverItIs(string archive)
    {
        var whole = Convert.FromBase64String(archive);
        var plain = Read(whole);
        for (var at = 12; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x20;
            // Some bits are of no account, as those after the last block; none may change what comes out.
            if (Record.Exception(() => Assert.Equal(plain, Read(damaged))) is { } error)
                Assert.True(error is InvalidDataException or EndOfStreamException, $"byte {at}: {error}");
        }
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public void ACutIsFound(string archive)
    {
        var whole = Convert.FromBase64String(archive);
        foreach (var length in (int[])[16, whole.Length / 2, whole.Length - 1])
        {
            var error = Record.Exception(() => Read(whole[..length]));
            Assert.True(error is InvalidDataException or EndOfStreamException, $"{length} bytes: {error}");
        }
    }

    // (printf one | xz; printf two | xz), as parallel compressors and cat make it.
    [Theory]
    [InlineData("/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACb25lAAB+5RDF1WpsmgABGwMLL7kQH7bzfQEAAAAABFla/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACdHdvAABd03kpdShSAwABGwMLL7kQH7bzfQEAAAAABFla")]
    [InlineData("QlpoOTFBWSZTWbtwGxAAAAEBAAIBoAAhmBmBYXckU4UJC7cBsQBCWmg5MUFZJlNZzdyNmgAAAIGAAACEgCAAIZgZhGF3JFOFCQzdyNmg")]
    public void StreamsInARowAreOne(string archive) => Assert.Equal("onetwo", Encoding.ASCII.GetString(Read(Convert.FromBase64String(archive))));

    [Fact]
    public void ZerosMayStandBetweenStreamsOfXz()
    {
        var two = Convert.FromBase64String("/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACb25lAAB+5RDF1WpsmgABGwMLL7kQH7bzfQEAAAAABFla/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACdHdvAABd03kpdShSAwABGwMLL7kQH7bzfQEAAAAABFla");
        byte[] padded = [.. two[..(two.Length / 2)], 0, 0, 0, 0, 0, 0, 0, 0, .. two[(two.Length / 2)..], 0, 0, 0, 0];
        Assert.Equal("onetwo", Encoding.ASCII.GetString(Read(padded)));
    }

    private static byte[] Read(byte[] archive)
    {
        using var plain = Gantry.Store.Archives.Open(new MemoryStream(archive));
        using var all = new MemoryStream();
        plain.CopyTo(all);
        return all.ToArray();
    }
}
