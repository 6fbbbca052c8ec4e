using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Runtime.CommandLine;

/// <summary><c>run</c>, and the options that it shares with create.</summary>
public sealed class RunTests
{
    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task TheExitCodeIsTheProgramsAndNothingStays(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("echo out; echo err >&2; exit 3");
        var result = (await runtime.RunAsync("run", "c")).Exited(3);
        Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
        (await runtime.RunAsync("state", "c")).Exited(1);

        runtime.Configure("", c => c with { Process = c.Process! with { Args = ["/bin/sh", "-c", "sleep 9 & kill -9 $!; wait $!"] } });
        (await runtime.RunAsync("run", "c")).Exited(137);

        runtime.Configure("exit 4");
        (await runtime.RunAsync("run", "--keep", "c")).Exited(4);
        Assert.Equal("stopped", await runtime.StatusAsync("c"));
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task DetachesWithAPidFile(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("echo up; exec sleep 600");
        (await runtime.RunAsync("run", "-d", "--pid-file", runtime.Path + "/pid", "c")).Succeeded();
        await runtime.LogIsAsync("c", "up\n");
        var pid = await File.ReadAllTextAsync(runtime.Path + "/pid");
        // busybox executes itself and takes the applet's name a moment later.
        await Eventually.HoldsAsync("the pid file names the program", async () => await File.ReadAllTextAsync($"/proc/{pid}/comm") == "sleep\n");
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task AProgramThatIsMissingIsSaidAndNothingStays(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("", c => c with { Process = c.Process! with { Args = ["nosuch"] } });
        foreach (var command in (string[])["run", "create"])
            Assert.Contains("exec: \\\"nosuch\\\": executable file not found in $PATH", Escaped((await runtime.RunAsync(command, "c")).Exited(1).Error), StringComparison.Ordinal);
        (await runtime.RunAsync("state", "c")).Exited(1);
        Assert.False(Directory.Exists("/sys/fs/cgroup/memory" + runtime.CgroupPath));
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task ABadCommandLineOrConfigIsRefused(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("true");
        foreach (var command in (string[][])[["run"], ["run", "a", "b"], ["run", "a/b"], ["run", ".."], ["run", "--nosuch", "c"], ["run", "--bundle", "/nonexistent", "c"], ["--log-format", "xml", "list"]])
            Assert.NotEqual("", (await runtime.RunAsync(command)).Exited(1).Error);
        await File.WriteAllTextAsync(runtime.Path + "/config.json", "{ \"ociVersion\": ");
        (await runtime.RunAsync("run", "c")).Exited(1);
        runtime.Configure("true", c => c with { Process = c.Process! with { Terminal = true } });
        Assert.Contains("cannot allocate tty if runc will detach without setting console socket", (await runtime.RunAsync("create", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("cannot use console socket if runc will not detach or allocate tty", (await runtime.RunAsync("run", "--console-socket", "/nonexistent", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Empty((await runtime.RunAsync("list", "-q")).Succeeded().Output);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task ATerminalGoesToTheConsoleSocket(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("tty; read line; echo \"got $line\"; exec sleep 600", c => c with { Process = c.Process! with { Terminal = true } });
        var socket = runtime.Path + "/console";
        using var terminal = await OciRuntime.ReceiveAsync(socket, async () => (await runtime.RunAsync("create", "--console-socket", socket, "c")).Succeeded());
        (await runtime.RunAsync("start", "c")).Succeeded();
        Files.WriteAll(terminal, "words\n"u8);
        Assert.EndsWith("got words", ReadUntil(terminal, "got words"), StringComparison.Ordinal);

        using var second = await OciRuntime.ReceiveAsync(socket + "2", async () => (await runtime.RunAsync("exec", "-d", "-t", "--console-socket", socket + "2", "c", "sh", "-c", "tty; exec sleep 600")).Succeeded());
        Assert.Contains("/dev/pts/1", ReadUntil(second, "/dev/pts/1"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task KeepsTheDescriptorsAskedFor(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await File.WriteAllTextAsync(runtime.Path + "/three", "three");
        await File.WriteAllTextAsync(runtime.Path + "/four", "four");
        runtime.Configure("cat <&3; cat <&4; ls /proc/self/fd | wc -l; echo fds=$LISTEN_FDS pid=$LISTEN_PID");
        Assert.Equal("threefour6\nfds= pid=\n", (await runtime.RunAfterAsync("exec 3<three 4<four 9<three", "run", "--preserve-fds", "2", "c")).Succeeded().Output);
        Assert.Equal("threefour6\nfds=1 pid=1\n", (await runtime.RunAfterAsync("exec 3<three 4<four 9<three; export LISTEN_FDS=1 LISTEN_PID=$$", "run", "--preserve-fds", "1", "c")).Succeeded().Output);
        await runtime.StartAsync("c", "exec sleep 600");
        Assert.Equal("three5\n", (await runtime.RunAfterAsync("exec 3<three 4<four", "exec", "--preserve-fds", "1", "c", "sh", "-c", "cat <&3; ls /proc/self/fd | wc -l")).Succeeded().Output);
    }

    /// <summary>runc 1.1 hands its own descriptors over in this case: a cgroup directory of the host's, say (the like of CVE-2024-21626).</summary>
    [Fact]
    public async Task NeverGivesADescriptorOfItsOwnForOneThatIsMissing()
    {
        await using var runtime = OciRuntime.Of(OciRuntime.Ours);
        runtime.Configure("ls -l /proc/self/fd");
        Assert.Contains("--preserve-fds 2: descriptor 3 is not open", (await runtime.RunAsync("run", "--preserve-fds", "2", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("descriptor 4 is not open", (await runtime.RunAfterAsync("exec 3</dev/null", "run", "--preserve-fds", "2", "c")).Exited(1).Error, StringComparison.Ordinal);
        await runtime.StartAsync("c", "exec sleep 600");
        Assert.Contains("descriptor 3 is not open", (await runtime.RunAsync("exec", "--preserve-fds", "1", "c", "true")).Exited(255).Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task ASessionKeyringOfItsOwnOrTheCallers(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("cat /proc/keys", c => c with { Linux = c.Linux! with { MaskedPaths = [] } });
        Assert.Contains("_ses.own-ring", (await runtime.RunAsync("run", "own-ring")).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("_ses.no-ring", (await runtime.RunAsync("run", "--no-new-keyring", "no-ring")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task ChangesTheRootWithoutPivotRoot(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("ls /; cat /proc/mounts | grep -c -v rootfs >/dev/null && echo mounted");
        Assert.Equal("bin\ndata\ndev\netc\nproc\nrun\nsys\ntmp\nmounted\n", (await runtime.RunAsync("run", "--no-pivot", "c")).Succeeded().Output);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task PassesSignalsOnInTheForeground(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done");
        var running = runtime.RunAfterAsync("echo $$ >pid", "run", "c");
        await Eventually.HoldsAsync("the container is ready", () => Task.FromResult(runtime.Log("c") == "ready\n"));
        await Command.RunAsync("kill", ["-TERM", (await File.ReadAllTextAsync(runtime.Path + "/pid")).Trim()]);
        (await running).Exited(7);
    }

    private static string Escaped(string text) => text.Contains('\\', StringComparison.Ordinal) ? text : text.Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string ReadUntil(Fd terminal, string end)
    {
        var text = "";
        var buffer = new byte[256];
        while (!text.Contains(end, StringComparison.Ordinal))
        {
            var length = Files.TryRead(terminal, buffer);
            Assert.True(length > 0, $"the terminal ended after \"{text}\"");
            text += global::System.Text.Encoding.UTF8.GetString(buffer, 0, length);
        }

        return text.TrimEnd();
    }
}
