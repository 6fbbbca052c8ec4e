using Gantry.Engine;
using Gantry.Engine.Composition;
using Xunit;

namespace Gantry.Tests.Unit.Engine;

public sealed class ReloadTests
{
    [Fact]
    public void OnlyWhatMayChangeDoes()
    {
        var present = new EngineOptions { RuntimeBinary = "/r", DataRoot = "/d", Mtu = 1400 };
        var next = new EngineOptions { RuntimeBinary = "/other", DataRoot = "/e", Mtu = 9000, Labels = ["a=b"], RegistryMirrors = ["https://m"], InsecureRegistries = ["r:5000"], MaxConcurrentDownloads = 9, IpcMode = "shareable", ShmSizeBytes = 1 };
        var merged = Reload.Merge(present, next);
        Assert.Equal(("/r", "/d", 1400), (merged.RuntimeBinary, merged.DataRoot, merged.Mtu));
        Assert.Equal((9, "shareable", 1L), (merged.MaxConcurrentDownloads, merged.IpcMode, merged.ShmSizeBytes));
        var registry = Reload.RegistryOf(merged);
        Assert.Equal(["a=b"], merged.Labels);
        Assert.Equal(["https://m"], registry.Mirrors);
        Assert.Equal(["r:5000"], registry.InsecureRegistries);
    }
}
