using Gantry.Engine.Runtimes;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Runtimes;

public sealed class RuntimeTableTests
{
    private static readonly Dictionary<string, RuntimeChoice> _none = [];
    private static readonly Dictionary<string, RuntimeChoice> _runc = new() { ["runc"] = new("/bin/runc", []) };

    [Theory]
    [InlineData(null)]
    [InlineData("gantry")]
    [InlineData("runc")]
    [InlineData("io.containerd.runc.v2")]
    public void WhereThereIsNoRuncItsNamesAreOurs(string? name)
    {
        Assert.True(RuntimeTable.IsKnown(_none, name));
        Assert.Null(RuntimeTable.Choose(_none, name));
    }

    [Fact]
    public void WhereThereIsRuncItIsMeant()
    {
        Assert.True(RuntimeTable.IsKnown(_runc, "runc"));
        Assert.Equal("/bin/runc", RuntimeTable.Choose(_runc, "runc")!.Path);
    }

    [Fact]
    public void OthersAreNotKnown()
    {
        Assert.False(RuntimeTable.IsKnown(_none, "kata"));
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => RuntimeTable.Choose(_none, "kata")).Kind);
    }
}
