using System.Text;
using Gantry.Engine.Monitors;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Monitors;

public sealed class DetachKeysTests
{
    private readonly List<byte> _passed = [];
    private readonly DetachKeys _keys = new(new byte[] { 16, 17 });

    [Fact]
    public void Filter_SequenceAcrossWritesDetaches()
    {
        Assert.False(_keys.Filter("ab\x10"u8, _passed));
        Assert.True(_keys.Filter("\x11zz"u8, _passed));
        Assert.Equal("ab", Encoding.UTF8.GetString(_passed.ToArray()));
    }

    [Fact]
    public void Filter_BeginningOnlyPassesLater()
    {
        Assert.False(_keys.Filter("\x10"u8, _passed));
        Assert.Empty(_passed);
        Assert.False(_keys.Filter("x"u8, _passed));
        Assert.Equal("\x10x", Encoding.UTF8.GetString(_passed.ToArray()));
    }

    [Fact]
    public void Filter_RepeatedBeginningStillDetaches()
    {
        Assert.True(_keys.Filter("\x10\x10\x11"u8, _passed));
        Assert.Equal("\x10", Encoding.UTF8.GetString(_passed.ToArray()));
    }
}
