using Gantry.Engine.Planning;
using Gantry.Kernel.Sys;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

public sealed class BindPropagationTests
{
    private static readonly IReadOnlyList<MountEntry> _table = MountTable.Parse("""
        21 1 8:1 / / rw,relatime - ext4 /dev/root rw
        22 21 0:5 / /srv rw shared:7 - tmpfs tmpfs rw
        23 22 0:6 / /srv/my\040disk rw master:7 - tmpfs tmpfs rw
        24 21 0:7 /sub /srv/old rw,noatime shared:9 master:3 - tmpfs none rw
        not a mount
        """);

    [Theory]
    [InlineData("/home/x", false, "path /home/x is mounted on / but it is not a shared mount")]
    [InlineData("/home/x", true, "path /home/x is mounted on / but it is not a shared or slave mount")]
    [InlineData("/srvices", false, "path /srvices is mounted on / but it is not a shared mount")]
    [InlineData("/srv/my disk/a", false, "path /srv/my disk/a is mounted on /srv/my disk but it is not a shared mount")]
    public void DockersSentence(string source, bool slaveWillDo, string sentence) =>
        Assert.StartsWith(sentence + ": ", BindPropagation.Problem(_table, source, slaveWillDo), StringComparison.Ordinal);

    [Theory]
    [InlineData("/srv", false)]
    [InlineData("/srv/a/b", true)]
    [InlineData("/srv/my disk", true)]
    [InlineData("/srv/old", false)]
    public void AMountThatPassesOn(string source, bool slaveWillDo) => Assert.Null(BindPropagation.Problem(_table, source, slaveWillDo));
}
