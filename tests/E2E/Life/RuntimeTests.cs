using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>--runtime: the same engine and monitor with another OCI runtime below.</summary>
[Collection(LifeCollection.Name)]
public sealed class RuntimeTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public async Task AnotherRuntimeRunsContainers(string runtime)
    {
        if (!File.Exists($"/usr/sbin/{runtime}") && !File.Exists($"/usr/bin/{runtime}"))
            Assert.Skip($"{runtime} is not installed");
        var mounts = await File.ReadAllTextAsync("/proc/mounts", TestContext.Current.CancellationToken);
        if (runtime == "crun" && mounts.Contains(" cgroup ", StringComparison.Ordinal) && mounts.Contains(" cgroup2 ", StringComparison.Ordinal))
            Assert.Skip("crun refuses hosts where both generations of control groups are mounted");
        Assert.Contains(runtime, (await Engine.DockerAsync("info", "--format", "{{range $name, $_ := .Runtimes}}{{$name}} {{end}}")).Succeeded().Text.Split(' '));

        (await Engine.DockerAsync("pull", "-q", "busybox")).Succeeded();
        var run = await Engine.DockerAsync("run", "--rm", "--runtime", runtime, "--hostname", "inside", "-m", "64m", "busybox", "sh", "-c", "hostname; echo err >&2; ip -4 addr show eth0 | grep -c inet; exit 7");
        Assert.Equal(("inside\n1\n", "err\n"), (run.Exited(7).Output, run.Error));
        Assert.Equal("in\n", (await Engine.DockerWithInputAsync("in\n", "run", "--rm", "-i", "--runtime", runtime, "busybox", "cat")).Succeeded().Output);

        var name = $"x-{runtime}";
        (await Engine.DockerAsync("run", "-d", "--name", name, "--runtime", runtime, "--health-cmd", "test -e /tmp/up", "--health-interval", "100ms", "busybox", "sh", "-c", "touch /tmp/up; trap 'echo bye; exit 3' TERM; while :; do sleep 0.1; done")).Succeeded();
        Assert.Equal("1000", (await Engine.DockerAsync("exec", "-u", "1000", name, "id", "-u")).Succeeded().Text);
        Assert.Equal(5, (await Engine.DockerAsync("exec", name, "sh", "-c", "exit 5")).ExitCode);
        var session = await Command.RunAsync("script", ["-qec", $"docker -H {Engine.Host} exec -it {name} sh", "/dev/null"], "tty; exit 4\n");
        Assert.Equal(4, session.ExitCode);
        Assert.Contains("/dev/pts/", session.Output, StringComparison.Ordinal);
        await Eventually.HoldsAsync("it is healthy", async () => await InspectAsync(name, "{{.State.Health.Status}}") == "healthy");
        (await Engine.DockerAsync("pause", name)).Succeeded();
        (await Engine.DockerAsync("unpause", name)).Succeeded();

        await Engine.KillEngineAsync();
        await Engine.StartEngineAsync();
        Assert.Equal("running", await InspectAsync(name, "{{.State.Status}}"));
        Assert.Equal("yes", (await Engine.DockerAsync("exec", name, "echo", "yes")).Succeeded().Text);
        (await Engine.DockerAsync("stop", "-t", "30", name)).Succeeded();
        Assert.Equal("3", await InspectAsync(name, "{{.State.ExitCode}}"));
        Assert.Equal("bye", (await Engine.DockerAsync("logs", name)).Succeeded().Text);
        (await Engine.DockerAsync("start", name)).Succeeded();
        (await Engine.DockerAsync("rm", "-f", name)).Succeeded();

        Assert.Contains("nosuch", (await Engine.DockerAsync("run", "--rm", "--runtime", runtime, "busybox", "nosuch")).Exited(127).Error, StringComparison.Ordinal);
        Assert.Contains("unknown or invalid runtime name: absent", (await Engine.DockerAsync("run", "--rm", "--runtime", "absent", "busybox")).Exited(125).Error, StringComparison.Ordinal);
    }

    /// <summary>With --pid=host nothing ends a container's other processes but its control group, and orphans are the host's.</summary>
    [Fact]
    public async Task AnotherRuntimeSharesTheHostsProcesses()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/runc") || File.Exists("/usr/bin/runc"), "runc is not installed");
        (await Engine.DockerAsync("pull", "-q", "busybox")).Succeeded();
        string[] shared = ["--runtime", "runc", "--pid", "host", "busybox", "sh", "-c"];
        Assert.Equal($"{Environment.ProcessId}\n", (await Engine.DockerAsync(["run", "--rm", .. shared, $"cd /proc/{Environment.ProcessId} && echo {Environment.ProcessId}; exit 7"])).Exited(7).Output);

        (await Engine.DockerAsync(["run", "-d", "--name", "x-shared", .. shared, "sleep 42421 & (sleep 42422 &) ; wait"])).Succeeded();
        await Eventually.HoldsAsync("its processes run", async () => await CountAsync() == 2);
        Assert.Equal("yes", (await Engine.DockerAsync("exec", "x-shared", "echo", "yes")).Succeeded().Text);
        (await Engine.DockerAsync("kill", "x-shared")).Succeeded();
        Assert.Equal("137", (await Engine.DockerAsync("wait", "x-shared")).Succeeded().Text);
        await Eventually.HoldsAsync("nothing of it runs", async () => await CountAsync() == 0);
        (await Engine.DockerAsync("rm", "x-shared")).Succeeded();

        static async Task<int> CountAsync() => (await Command.RunAsync("pgrep", ["-fx", "sleep 4242[12]"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    /// <summary>
    /// A runtime's command that fails half-way leaves a process in the container which the monitor inherits. Until that one
    /// has been reaped, the kernel lets the container's first process not end.
    /// </summary>
    [Fact]
    public async Task WhatARuntimesCommandLeavesIsReapedAndItsControlGroupsGo()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/runc") || File.Exists("/usr/bin/runc"), "runc is not installed");
        var wrapper = Path.Combine(Directory.CreateTempSubdirectory("gantry-runtime-").FullName, "careless");
        await File.WriteAllTextAsync(wrapper, "#!/bin/bash\nif [[ \" $* \" == *\" exec \"* ]]; then runc \"${@:1:6}\" exec --detach \"${@: -1}\" true </dev/null >/dev/null 2>&1; fi\nexec runc \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(wrapper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using (var engine = await EngineFixture.StartAsync("--registry-mirror", hub.Registry.Url, "--add-runtime", $"careless={wrapper}"))
        {
            (await engine.DockerAsync("pull", "-q", "busybox")).Succeeded();
            var id = (await engine.DockerAsync("run", "-d", "--name", "left", "--runtime", "careless", "busybox", "sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done")).Succeeded().Text;
            await Eventually.HoldsAsync("it handles the signal", async () => (await engine.DockerAsync("logs", "left")).Text == "ready");
            Assert.Equal("yes", (await engine.DockerAsync("exec", "left", "echo", "yes")).Succeeded().Text);
            (await engine.DockerAsync("stop", "-t", "60", "left")).Succeeded();
            Assert.Equal("3", (await engine.DockerAsync("inspect", "--format", "{{.State.ExitCode}}", "left")).Succeeded().Text);
            await Eventually.HoldsAsync("its control groups are gone", () => Task.FromResult(ControlGroups(id).Length == 0));

            // Nor do they stay when the monitor is killed.
            (await engine.DockerAsync("start", "left")).Succeeded();
            Assert.NotEmpty(ControlGroups(id));
            var init = (await engine.DockerAsync("inspect", "--format", "{{.State.Pid}}", "left")).Succeeded().Text;
            var monitor = File.ReadLines($"/proc/{init}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..].Trim();
            (await Command.RunAsync("kill", ["-9", monitor])).Succeeded();
            Assert.Equal("137", (await engine.DockerAsync("wait", "left")).Succeeded().Text);
            await Eventually.HoldsAsync("its control groups are gone", () => Task.FromResult(ControlGroups(id).Length == 0));
        }
        Directory.Delete(Path.GetDirectoryName(wrapper)!, recursive: true);

        static string[] ControlGroups(string id) => Directory.GetDirectories("/sys/fs/cgroup", id, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 });
    }

    private async Task<string> InspectAsync(string container, string format) => (await Engine.DockerAsync("inspect", "--format", format, container)).Succeeded().Text;
}
