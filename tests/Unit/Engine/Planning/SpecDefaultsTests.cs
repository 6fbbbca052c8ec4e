using Gantry.Engine;
using Gantry.Engine.Planning;
using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

public sealed class SpecDefaultsTests
{
    private static readonly EngineOptions _options = new() { RuntimeBinary = "/x" };

    [Fact]
    public void Complete_FillsWhatInspectShows()
    {
        var host = SpecDefaults.Complete(new() { Memory = 10 << 20 }, new() { Cgroups = CgroupLayout.V1, Limits = new() { OomKillDisable = true } }, _options);
        Assert.Equal(("bridge", "private", "host", 64L << 20, 20L << 20), (host.NetworkMode, host.IpcMode, host.CgroupnsMode, host.ShmSize, host.MemorySwap));
        Assert.Equal("no", host.RestartPolicy!.Name);
        Assert.False(host.OomKillDisable);
    }

    [Fact]
    public void Complete_TakesTheEnginesOwnDefaults()
    {
        var options = _options with
        {
            ShmSizeBytes = 1 << 20,
            IpcMode = "shareable",
            CgroupNamespaceMode = "private",
            LogDriver = "json-file",
            LogOptions = new Dictionary<string, string> { ["max-size"] = "1m", ["max-file"] = "3" },
        };
        var host = SpecDefaults.Complete(new() { LogConfig = new() { Config = new Dictionary<string, string> { ["max-file"] = "5" } } }, new() { Cgroups = CgroupLayout.V1 }, options);
        Assert.Equal(("shareable", "private", 1L << 20, "json-file"), (host.IpcMode, host.CgroupnsMode, host.ShmSize, host.LogConfig!.Type));
        Assert.Equal(("1m", "5"), (host.LogConfig.Config!["max-size"], host.LogConfig.Config["max-file"]));
        Assert.Empty(SpecDefaults.Complete(new() { LogConfig = new() { Type = "none" } }, new(), options).LogConfig!.Config!);
    }
}
