using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>--init: a first process that passes signals on and reaps what nobody else does.</summary>
[Collection(LifeCollection.Name)]
public sealed class InitTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task TheCommandRunsBelowItAndEndsIt()
    {
        var run = await Engine.DockerAsync("run", "--rm", "--init", "--user", "1000:1000", "busybox", "sh", "-c", "tr '\\0' ' ' </proc/1/cmdline; id -u; exit 9");
        Assert.StartsWith("/sbin/docker-init -- sh -c ", run.Exited(9).Output, StringComparison.Ordinal);
        Assert.EndsWith("1000", run.Text, StringComparison.Ordinal);
        Assert.Contains("exec nosuch failed", (await Engine.DockerAsync("run", "--rm", "--init", "busybox", "nosuch")).Exited(127).Error, StringComparison.Ordinal);

        // script(1) gives the client the terminal that -t asks for; the command, not the init, must own it.
        var session = await Command.RunAsync("script", ["-qec", $"docker -H {Engine.Host} run -it --rm --init busybox sh", "/dev/null"], "tty; exit 4\n");
        Assert.Equal(4, session.ExitCode);
        Assert.Contains("/dev/pts/0", session.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("job control", session.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OrphansAreReapedAndSignalsPassedOn()
    {
        (await Engine.DockerAsync(
            "run", "-d", "--init", "--name", "i1", "busybox", "sh", "-c", "(sleep 0.1; touch /tmp/gone) & trap 'echo got usr1' USR1; trap 'echo got term; exit 5' TERM; echo ready; while :; do sleep 0.1; done")).Succeeded();
        await Eventually.HoldsAsync("i1 is ready", async () => (await Engine.DockerAsync("logs", "i1")).Output.Contains("ready", StringComparison.Ordinal));
        (await Engine.DockerAsync("exec", "i1", "sh", "-c", "(sleep 0.2; touch /tmp/orphan) & exit 0")).Succeeded();
        await Eventually.HoldsAsync("the orphan has ended", async () => (await Engine.DockerAsync("exec", "i1", "test", "-e", "/tmp/orphan")).ExitCode == 0);
        await Eventually.HoldsAsync("no zombie is left", async () => (await Engine.DockerAsync("exec", "i1", "sh", "-c", "cat /proc/[0-9]*/stat | grep -c ' Z '")).Text == "0");
        (await Engine.DockerAsync("kill", "-s", "USR1", "i1")).Succeeded();
        await Eventually.HoldsAsync("USR1 arrives", async () => (await Engine.DockerAsync("logs", "i1")).Output.Contains("got usr1", StringComparison.Ordinal));
        (await Engine.DockerAsync("stop", "-t", "60", "i1")).Succeeded();
        Assert.Equal("5", (await Engine.DockerAsync("inspect", "--format", "{{.State.ExitCode}}", "i1")).Succeeded().Text);
        Assert.EndsWith("got term", (await Engine.DockerAsync("logs", "i1")).Text, StringComparison.Ordinal);
        (await Engine.DockerAsync("rm", "i1")).Succeeded();
    }
}
