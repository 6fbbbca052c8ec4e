using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Leaks;

/// <summary>After the whole suite nothing of Gantry is in the kernel that was not there before it. Run last, by ./test.sh.</summary>
[Trait("order", "last")]
public sealed class LeakTests
{
    [Theory]
    [InlineData("mount ")]
    [InlineData("interface ")]
    [InlineData("table ")]
    [InlineData("cgroup ")]
    [InlineData("process ")]
    public async Task NothingRemains(string kind)
    {
        // What ./test.sh wrote down before the first test: a machine's own engine is nobody's leak.
        var before = Environment.GetEnvironmentVariable("GANTRY_TRACES_BEFORE") is { Length: > 0 } file ? await File.ReadAllLinesAsync(file) : [];
        await Eventually.HoldsAsync($"nothing of kind {kind}remains", async () => !(await LeftAsync(kind)).Except(before).Any());
    }

    private static async Task<IEnumerable<string>> LeftAsync(string kind)
    {
        var traces = (await Command.RunAsync(Path.Combine(Repository.Root, "tests/E2E/Leaks/traces.sh"), [])).Succeeded();
        return traces.Output.Split('\n').Where(line => line.StartsWith(kind, StringComparison.Ordinal));
    }
}
