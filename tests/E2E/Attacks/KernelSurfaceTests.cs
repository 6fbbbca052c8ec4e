using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Attacks;

/// <summary>What the kernel offers to a root user, a container's root user does not get.</summary>
public sealed class KernelSurfaceTests(AttackFixture fixture) : IClassFixture<AttackFixture>
{
    [Fact]
    public async Task SystemCallsThatReachTheHostAreRefused()
    {
        var calls = (await fixture.RunAsync([], "/attack", "calls")).Succeeded().Text.Split('\n');

        Assert.Equal(15, calls.Length);
        Assert.All(calls, call => Assert.EndsWith(" EPERM", call, StringComparison.Ordinal));
    }

    // The other side of the test above: without the filter the same calls get through, so it is the filter that refuses.
    [Fact]
    public async Task WithoutTheFilterSomeGetThrough()
    {
        var calls = (await fixture.RunAsync(["--security-opt", "seccomp=unconfined"], "/attack", "calls")).Succeeded().Output;

        Assert.Contains("unshare-user ok", calls, StringComparison.Ordinal);
        Assert.Contains("add_key ok", calls, StringComparison.Ordinal);
        Assert.Contains("mount EPERM", calls, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/proc/sysrq-trigger")]
    [InlineData("/proc/sys/kernel/core_pattern")]
    [InlineData("/proc/sys/kernel/modprobe")]
    [InlineData("/proc/sys/vm/panic_on_oom")]
    [InlineData("/sys/kernel/uevent_helper")]
    [InlineData("/sys/fs/cgroup/memory/memory.limit_in_bytes")]
    [InlineData("/sys/fs/cgroup/memory/notify_on_release")]
    public async Task KernelsFilesAreReadOnly(string path)
    {
        var words = (await fixture.RunAsync([], "/attack", "write", path)).Succeeded().Text;

        Assert.True(words is "write EROFS" or "write EACCES" or "write ENOENT", words);
        if (File.Exists(path) && !path.StartsWith("/sys/fs", StringComparison.Ordinal))
            Assert.Equal("write EROFS", words);
    }

    [Theory]
    [InlineData("/proc/keys")]
    [InlineData("/proc/timer_list")]
    public async Task MaskedFilesAreEmpty(string path)
    {
        Assert.True(File.Exists(path), "the host has nothing to hide here");
        Assert.Equal("", (await fixture.RunAsync([], "/bin/cat", path)).Succeeded().Output);
    }

    [Fact]
    public async Task DisksCannotBeReadThroughNodesOfOnesOwn()
    {
        var disk = (await Command.RunAsync("stat", ["-c", "%d", "/"])).Succeeded().Text;
        var number = ulong.Parse(disk, null);
        var (major, minor) = ((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00));
        var result = await fixture.RunAsync([], "/bin/sh", "-c", $"mknod /tmp/disk b {major} {minor} && mknod /tmp/memory c 1 1 && /attack write /tmp/disk; /attack write /tmp/memory; dd if=/tmp/disk of=/dev/null bs=512 count=1");

        Assert.Contains("write EPERM\nwrite EPERM\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("Operation not permitted", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetUserIdMeansNothingUnderNoNewPrivileges()
    {
        Assert.Equal("euid 0", (await fixture.RunAsync(["-u", "app"], "/attack", "euid")).Succeeded().Text);
        Assert.Equal("euid 1000", (await fixture.RunAsync(["-u", "app", "--security-opt", "no-new-privileges"], "/attack", "euid")).Succeeded().Text);
    }

    [Fact]
    public async Task AbstractSocketsOfTheHostAreOutOfReach()
    {
        var name = $"gantry-attack-{Environment.ProcessId}";
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen();

        Assert.Equal("connect ECONNREFUSED", (await fixture.RunAsync([], "/attack", "abstract", name)).Succeeded().Text);
        Assert.Equal("connect ok", (await fixture.RunAsync(["--network", "host"], "/attack", "abstract", name)).Succeeded().Text);
    }

    [Fact]
    public async Task ProcessesOfTheHostInSightCannotBeTraced()
    {
        using var host = Process.Start("sleep", "1000");
        var pid = host.Id.ToString(CultureInfo.InvariantCulture);
        try
        {
            Assert.Equal("attach EPERM\nread EPERM\ngetfd EPERM", (await fixture.RunAsync(["--pid", "host"], "/attack", "trace", pid)).Succeeded().Text);
            Assert.Equal("attach ok\nread ok\ngetfd ok", (await fixture.RunAsync(["--pid", "host", "--cap-add", "SYS_PTRACE"], "/attack", "trace", pid)).Succeeded().Text);
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync();
        }
    }

    // The filter forbids keyrings; where there is none, a container has a session keyring of its own.
    [Fact]
    public async Task KeyringsAreNotShared()
    {
        var engine = fixture.Engine;
        (await engine.GantryAsync("run", "-d", "--name", "keeper", "--security-opt", "seccomp=unconfined", "hostile", "/attack", "keyring", "1000")).Succeeded();
        await Eventually.HoldsAsync("the keyring is there", async () => (await engine.GantryAsync("logs", "keeper")).Text.Length > 0);
        var first = (await engine.GantryAsync("logs", "keeper")).Text;
        var second = (await fixture.RunAsync(["--security-opt", "seccomp=unconfined"], "/attack", "keyring", "0")).Succeeded().Text;

        Assert.Matches("^keyring [0-9]+$", first);
        Assert.Matches("^keyring [0-9]+$", second);
        Assert.NotEqual(first, second);
        Assert.Equal("keyring EPERM", (await fixture.RunAsync([], "/attack", "keyring", "0")).Succeeded().Text);
        (await engine.GantryAsync("rm", "-f", "keeper")).Succeeded();
    }

    [Fact]
    public async Task ForkBombsMeetTheirLimit()
    {
        var words = (await fixture.RunAsync(["--pids-limit", "40"], "/attack", "bomb", "500")).Succeeded().Text;

        Assert.Equal("forked 39", words);
        Assert.Equal("listed", (await fixture.RunAsync([], "/attack", "descriptors")).Succeeded().Text);
    }

    [Fact]
    public async Task MemoryHogsDieAlone()
    {
        var engine = fixture.Engine;
        (await engine.GantryAsync("run", "-d", "--name", "neighbor", "hostile", "/bin/sleep", "1000")).Succeeded();
        await engine.GantryAsync("run", "--name", "hog", "--memory", "32m", "--memory-swap", "32m", "hostile", "/attack", "hog", "400");

        Assert.Equal("137 true", (await engine.GantryAsync("inspect", "-f", "{{.State.ExitCode}} {{.State.OOMKilled}}", "hog")).Succeeded().Text);
        Assert.Equal("true", (await engine.GantryAsync("inspect", "-f", "{{.State.Running}}", "neighbor")).Succeeded().Text);
        (await engine.GantryAsync("rm", "-f", "hog", "neighbor")).Succeeded();
    }
}
