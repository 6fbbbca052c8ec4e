using Gantry.Model;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.System.Runtime;

public sealed class LaunchTests : IDisposable
{
    private readonly Bundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void RunsAProgramAndReportsItsExitCode()
    {
        var (output, exit) = _bundle.Run(Bundle.Shell("echo hello; exit 7"));
        Assert.Equal("hello\n", output);
        Assert.Equal(7, exit.Status);
    }

    [Fact]
    public void IsProcessOneWithItsOwnHostnameAndNothingElse() => Assert.Equal("1 box", _bundle.Sh("echo $$ $(hostname); ps | wc -l >/dev/null"));

    [Fact]
    public void ShowsNoMountOfTheHost()
    {
        var mounts = _bundle.Sh("cat /proc/self/mountinfo").Split('\n');
        Assert.DoesNotContain(mounts, m => m.Contains(" /tmp ", StringComparison.Ordinal) || m.Contains("/var/", StringComparison.Ordinal));
        Assert.Contains(mounts, m => m.Contains(" /proc ", StringComparison.Ordinal));
        Assert.Contains(mounts, m => m.Contains(" /dev/pts ", StringComparison.Ordinal));
        Assert.Contains(mounts, m => m.Contains(" /sys/fs/cgroup/memory ", StringComparison.Ordinal));
    }
}
