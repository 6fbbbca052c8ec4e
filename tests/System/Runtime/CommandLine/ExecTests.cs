using Gantry.Model.Oci;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Runtime.CommandLine;

/// <summary><c>exec</c>.</summary>
public sealed class ExecTests
{
    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task RunsAProgramWithWhatTheOptionsSay(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "exec sleep 600");
        Assert.Equal("uid=5 gid=6 groups=7,8\n/tmp\nb c\n", (await runtime.RunAsync(
            "exec", "-u", "5:6", "-g", "7", "-g", "8", "-e", "A=b", "-e", "B=c", "--cwd", "/tmp", "c", "/bin/sh", "-c", "id; pwd; echo $A $B")).Succeeded().Output);
        (await runtime.RunAsync("exec", "c", "sh", "-c", "exit 9")).Exited(9);
        (await runtime.RunAsync("exec", "c", "sh", "-c", "kill -9 $$")).Exited(137);
        Assert.Contains("executable file not found in $PATH", (await runtime.RunAsync("exec", "c", "nosuch")).Exited(255).Error, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await runtime.RunAsync("exec", "n", "true")).Exited(255).Error, StringComparison.Ordinal);
        // The program's own options are not ours.
        Assert.Equal("x --env -t\n", (await runtime.RunAsync("exec", "c", "echo", "x", "--env", "-t")).Succeeded().Output);
        Assert.Contains("CapEff:\t00000000a82425fb", (await runtime.RunAsync("exec", "--cap", "CAP_SYS_ADMIN", "c", "cat", "/proc/self/status")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task TheProcessComesFromAFile(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "exec sleep 600");
        await File.WriteAllTextAsync(runtime.Path + "/process.json", """{"args": ["/bin/sh", "-c", "id -u; pwd; echo $WHO"], "env": ["PATH=/bin", "WHO=me"], "cwd": "/etc", "user": {"uid": 33, "gid": 33}}""");
        Assert.Equal("33\n/etc\nme\n", (await runtime.RunAsync("exec", "--process", runtime.Path + "/process.json", "c")).Succeeded().Output);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task DetachesWithAPidFileInTheContainersCgroup(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "exec sleep 600");
        (await runtime.RunAsync("exec", "--detach", "--pid-file", runtime.Path + "/pid", "c", "sleep", "601")).Succeeded();
        var pid = await File.ReadAllTextAsync(runtime.Path + "/pid");
        // runc does not wait until the program is executed.
        await Eventually.HoldsAsync("the program runs", async () => await File.ReadAllTextAsync($"/proc/{pid}/cmdline") == "sleep\0601\0");
        Assert.Contains(pid, runtime.CgroupFile("pids", "cgroup.procs").Split('\n'));
        Assert.Contains(pid, (await runtime.RunAsync("ps", "-f", "json", "c")).Succeeded().Text.Trim('[', ']').Split(','));
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task JoinsAContainerThatIsCreatedOnly(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("exec sleep 600");
        (await runtime.RunAsync("create", "c")).Succeeded();
        Assert.Equal("box\n", (await runtime.RunAsync("exec", "c", "hostname")).Succeeded().Output);
        Assert.Equal("created", await runtime.StatusAsync("c"));
    }
}
