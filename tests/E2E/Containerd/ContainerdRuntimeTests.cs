using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Containerd;

/// <summary>containerd with our runtime in place of runc: every call that its shim makes.</summary>
public sealed class ContainerdRuntimeTests
{
    [Fact]
    public async Task ContainerdRunsContainersWithGantryRuntime()
    {
        await using var containerd = await ContainerdFixture.StartAsync();
        using var events = containerd.StartCtr("events");
        try
        {
            var result = (await containerd.RunAsync("--rm", ContainerdFixture.Image, "one", "sh", "-c", "echo out; echo err >&2; exit 5")).Exited(5);
            Assert.Equal("out\n", result.Output);
            Assert.Contains("err\n", result.Error, StringComparison.Ordinal);
            Assert.Contains("executable file not found in $PATH", (await containerd.RunAsync("--rm", ContainerdFixture.Image, "missing", "nosuch")).Exited(1).Error, StringComparison.Ordinal);

            await LivesItsLifeAsync(containerd);
            await IsKilledForMemoryAsync(containerd);
            await HasATerminalAsync(containerd);
            Assert.Empty((await containerd.CtrAsync("task", "ls", "-q")).Succeeded().Text);
            Assert.False(Directory.Exists("/sys/fs/cgroup/pids" + containerd.CgroupPath));
        }
        finally
        {
            events.Kill();
        }

        var seen = await events.StandardOutput.ReadToEndAsync();
        foreach (var topic in (string[])["create", "start", "exec-added", "exec-started", "exit", "paused", "resumed", "oom", "delete"])
            Assert.Contains($"/tasks/{topic} ", seen, StringComparison.Ordinal);
    }

    private static async Task LivesItsLifeAsync(ContainerdFixture containerd)
    {
        (await containerd.RunAsync("-d", "--memory-limit", "67108864", ContainerdFixture.Image, "two", "sleep", "600")).Succeeded();
        Assert.Contains("RUNNING", (await containerd.CtrAsync("task", "ls")).Succeeded().Output, StringComparison.Ordinal);
        var exec = (await containerd.CtrAsync("task", "exec", "--exec-id", "e", "two", "sh", "-c", "cat /proc/1/comm; exit 3")).Exited(3);
        Assert.Equal("sleep\n", exec.Output);
        Assert.Equal(2, (await containerd.CtrAsync("task", "ps", "two")).Succeeded().Text.Split('\n').Length);
        Assert.Matches("memory.limit_in_bytes +67108864", (await containerd.CtrAsync("task", "metrics", "two")).Succeeded().Output);
        (await containerd.CtrAsync("task", "pause", "two")).Succeeded();
        Assert.Contains("PAUSED", (await containerd.CtrAsync("task", "ls")).Succeeded().Output, StringComparison.Ordinal);
        (await containerd.CtrAsync("task", "resume", "two")).Succeeded();
        (await containerd.CtrAsync("task", "kill", "--signal", "SIGKILL", "two")).Succeeded();
        await Eventually.HoldsAsync("the task stops", async () => (await containerd.CtrAsync("task", "ls")).Output.Contains("STOPPED", StringComparison.Ordinal));
        Assert.Contains("137", (await containerd.CtrAsync("task", "rm", "two")).Succeeded().Error, StringComparison.Ordinal);
        (await containerd.CtrAsync("container", "rm", "two")).Succeeded();
    }

    private static async Task IsKilledForMemoryAsync(ContainerdFixture containerd) =>
        (await containerd.RunAsync("--rm", "--memory-limit", "16777216", ContainerdFixture.Image, "three", "dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1")).Exited(137);

    private static async Task HasATerminalAsync(ContainerdFixture containerd)
    {
        // ctr wants a terminal of its own, which script(1) lends; it passes the size on once the program runs.
        var words = $"nsenter --mount --target {containerd.ProcessId} ctr --address {containerd.Address} run --rm --tty --runc-binary {Repository.Program("gantry-runtime")} --cgroup {containerd.CgroupPath} {ContainerdFixture.Image} four sh -c 'tty; until stty size 2>/dev/null | grep 77; do sleep 0.05; done'";
        var result = (await Command.RunAsync("script", ["-qec", $"stty rows 33 cols 77; {words}", "/dev/null"])).Succeeded();
        Assert.Matches("/dev/pts/0\r+\n33 77", result.Output);
    }
}
