using Gantry.Engine.Remap;
using Gantry.Model;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Remap;

/// <summary>Whose ids containers get: what --userns-remap and the host's files say.</summary>
public sealed class RemapRootTests : IDisposable
{
    private readonly string _etc = Directory.CreateTempSubdirectory("gantry-remap-").FullName;

    public RemapRootTests()
    {
        Write("passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/:/bin/sh\n");
        Write("group", "root:x:0:\nalice:x:1000:\nstaff:x:50:\nnumeric:x:1001:\n");
        Write("subuid", "# ranges\nother:300000:65536\nalice:100000:65536\nalice:400000:1000\n1001:200000:65536\ndockremap:500000:65536\n");
        Write("subgid", "alice:110000:65536\nbob:210000:65536\ndockremap:510000:65536\n");
    }

    public void Dispose() => Directory.Delete(_etc, recursive: true);

    [Theory]
    [InlineData("alice", "0 100000 65536,65536 400000 1000", "0 110000 65536")]
    [InlineData("alice:staff", "0 100000 65536,65536 400000 1000", "0 110000 65536")]
    [InlineData("1000:50", "0 100000 65536,65536 400000 1000", "0 110000 65536")]
    [InlineData("1001", "0 200000 65536", "0 210000 65536")]
    [InlineData("bob:1000", "0 200000 65536", "0 210000 65536")]
    [InlineData("default", "0 500000 65536", "0 510000 65536")] // the user itself need not be there
    public void TheUsersRangesAreTaken(string value, string uids, string gids)
    {
        var map = new RemapRoot(_etc).Find(value)!;
        Assert.Equal((uids, gids), (Text(map.Uids), Text(map.Gids)));
    }

    [Fact]
    public void RootIsMappedToNobodyElse() => Assert.Null(new RemapRoot(_etc).Find("root"));

    [Theory]
    [InlineData("carol", "/passwd has no such user")]
    [InlineData("4711", "/passwd has no such user")]
    [InlineData("bob", "/group has no group bob")]
    [InlineData("alice:wheel", "/group has no group wheel")]
    [InlineData("a:b:c", "expected default, USER, USER:GROUP, UID or UID:GID")]
    [InlineData("", "expected default, USER, USER:GROUP, UID or UID:GID")]
    public void WhoIsMissingIsNamed(string value, string words)
    {
        var refused = Assert.Throws<GantryException>(() => new RemapRoot(_etc).Find(value));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("subuid", "")]
    [InlineData("subgid", "dockremapper:1:1\n")]
    public void AMissingRangeIsToldWithItsFileAndLine(string file, string content)
    {
        Write(file, content);
        Assert.Contains($"{_etc}/{file} gives no ids to dockremap; add a line with a range that nobody else has, as in dockremap:231072:65536", Assert.Throws<GantryException>(() => new RemapRoot(_etc).Find("default")).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_etc, file));
        Assert.Contains($"{_etc}/{file}", Assert.Throws<GantryException>(() => new RemapRoot(_etc).Find("default")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dockremap:0:65536")] // the host's root
    [InlineData("dockremap:x:65536")]
    [InlineData("dockremap:100000:0")]
    [InlineData("dockremap:4294967000:65536")]
    public void ARangeThatIsNoneIsRefused(string line)
    {
        Write("subuid", line + "\n");
        Assert.Contains($"\"{line}\", which is no range of ids", Assert.Throws<GantryException>(() => new RemapRoot(_etc).Find("default")).Message, StringComparison.Ordinal);
    }

    private static string Text(IEnumerable<IdMapping> ranges) => string.Join(',', ranges.Select(static range => $"{range.ContainerID} {range.HostID} {range.Size}"));

    private void Write(string file, string content) => File.WriteAllText(Path.Combine(_etc, file), content);
}
