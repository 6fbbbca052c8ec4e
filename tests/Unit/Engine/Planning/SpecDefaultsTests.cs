using Gantry.Engine.Planning;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

public sealed class SpecDefaultsTests
{
    [Fact]
    public void Complete_FillsWhatInspectShows()
    {
        var host = SpecDefaults.Complete(new() { Memory = 10 << 20 }, new() { Cgroups = Gantry.Kernel.Cgroups.CgroupLayout.V1 });
        Assert.Equal(("bridge", "private", "host", 64L << 20, 20L << 20), (host.NetworkMode, host.IpcMode, host.CgroupnsMode, host.ShmSize, host.MemorySwap));
        Assert.Equal("no", host.RestartPolicy!.Name);
        Assert.False(host.OomKillDisable);
    }
}
