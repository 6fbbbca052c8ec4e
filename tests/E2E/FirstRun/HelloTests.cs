using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.FirstRun;

/// <summary>The README's first command, without a registry or a network.</summary>
public sealed class HelloTests
{
    [Fact]
    public async Task HelloShipsInsideTheEngine()
    {
        await using var engine = await EngineFixture.StartAsync();
        var result = (await engine.GantryAsync("run", "--rm", "hello")).Succeeded();
        Assert.Contains("Hello from Gantry", result.Output, StringComparison.Ordinal);
        Assert.Equal("", (await engine.GantryAsync("ps", "-aq")).Succeeded().Text);
    }

    [Fact]
    public async Task EngineOnTheDefaultSocketIsStartedOnDemand()
    {
        // A mount namespace with a /run and a /var/lib of its own: the default paths, without touching the machine's.
        var gantry = Repository.Program("gantry");
        var script = $"""
            set -e
            mount -t tmpfs tmpfs /run; mkdir -p /var/lib/gantry /var/log/gantry; mount -t tmpfs tmpfs /var/lib/gantry
            export GANTRY_HOST= DOCKER_HOST=
            {gantry} run --rm --network none hello
            pid=$(cat /run/gantry/gantryd.pid 2>/dev/null || cat /run/gantry/gantry.pid 2>/dev/null || cat /run/gantry.pid)
            kill -TERM $pid
            while kill -0 $pid 2>/dev/null; do sleep 0.05; done
            """;
        var result = (await Command.RunAsync("unshare", ["--mount", "--net", "--propagation", "private", "bash", "-c", script])).Succeeded();
        Assert.Contains("Hello from Gantry", result.Output, StringComparison.Ordinal);
    }
}
