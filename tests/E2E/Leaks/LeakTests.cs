using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Leaks;

/// <summary>After the whole suite nothing of Gantry remains in the kernel. Run last, by ./test.sh.</summary>
[Trait("order", "last")]
public sealed class LeakTests
{
    [Fact]
    public async Task NoMounts() => Assert.DoesNotContain(await File.ReadAllLinesAsync("/proc/self/mountinfo"), line => line.Contains("gantry", StringComparison.Ordinal));

    [Fact]
    public void NoNetworkInterfaces() => Assert.DoesNotContain(Directory.EnumerateDirectories("/sys/class/net").Select(Path.GetFileName), name => name!.StartsWith("gantry", StringComparison.Ordinal) || name.StartsWith("gt", StringComparison.Ordinal));

    [Fact]
    public async Task NoTables() => Assert.DoesNotContain("gantry", (await Command.RunAsync("nft", ["list", "tables"])).Succeeded().Output, StringComparison.Ordinal);

    [Fact]
    public async Task NoControlGroups() => Assert.Equal("", (await Command.RunAsync("find", ["/sys/fs/cgroup", "-maxdepth", "3", "-type", "d", "-name", "gantry*"])).Text);

    [Fact]
    public void NoProcesses()
    {
        var programs = Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Select(CommandLine).Where(words => words.Contains("gantryd", StringComparison.Ordinal) || words.Contains("gantry-runtime", StringComparison.Ordinal));
        Assert.Empty(programs);
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0')[0];
        }
        catch (IOException)
        {
            return ""; // It has ended meanwhile.
        }
    }
}
