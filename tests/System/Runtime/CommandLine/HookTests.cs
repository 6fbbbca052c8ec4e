using System.Text.Json;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.System.Runtime.CommandLine;

/// <summary>
/// The hooks of all six kinds, through the commands that run them. Ours only: runc 1.1 runs poststart at create, before the
/// program. Source: runtime-spec config.md, POSIX-platform hooks.
/// </summary>
public sealed class HookTests
{
    [Fact]
    public async Task EachKindRunsAtItsTimeInItsNamespaceWithTheState()
    {
        await using var runtime = OciRuntime.Of(OciRuntime.Ours);
        var log = runtime.Path + "/hooks.log";
        runtime.Configure("echo program >>/hooks.log", c => c with
        {
            Annotations = new Dictionary<string, string> { ["who"] = "me" },
            Hooks = new RuntimeHooks
            {
                Prestart = [Hook("prestart", log)],
                CreateRuntime = [Hook("createRuntime", log), Hook("second", log)],
                CreateContainer = [Hook("createContainer", log)],
                // Its path and its file are the container's.
                StartContainer = [new RuntimeHook { Path = "/bin/sh", Args = ["sh", "-c", "echo startContainer $(hostname) $(cat | grep -o '\"status\":\"[a-z]*\"') >>/hooks.log"], Env = ["PATH=/bin"] }],
                Poststart = [Hook("poststart", log)],
                Poststop = [Hook("poststop", log)],
            },
        });
        var host = File.ReadAllText("/proc/sys/kernel/hostname").Trim();
        (await runtime.RunAsync("create", "c")).Succeeded();
        var pid = (await runtime.StateAsync("c")).GetProperty("pid").GetInt32();
        Assert.Equal(["prestart", "createRuntime", "second", "createContainer"], Names());
        (await runtime.RunAsync("start", "c")).Succeeded();
        await runtime.StoppedAsync("c");
        Assert.Equal("startContainer box \"status\":\"created\"\nprogram\n", await File.ReadAllTextAsync(runtime.Rootfs + "/hooks.log"));
        (await runtime.RunAsync("delete", "c")).Succeeded();
        Assert.Equal(["prestart", "createRuntime", "second", "createContainer", "poststart", "poststop"], Names());

        foreach (var line in Lines())
        {
            var state = JsonDocument.Parse(line[(line.IndexOf('{', StringComparison.Ordinal))..]).RootElement;
            var status = Name(line) switch { "poststart" => "running", "poststop" => "stopped", _ => "creating" };
            Assert.Equal(("c", status, runtime.Path, "me"), (state.GetProperty("id").GetString(), state.GetProperty("status").GetString(), state.GetProperty("bundle").GetString(), state.GetProperty("annotations").GetProperty("who").GetString()));
            Assert.Equal(Name(line) == "poststop" ? 0 : pid, state.GetProperty("pid").GetInt32());
            Assert.Equal(Name(line) == "createContainer" ? "box" : host, line.Split(' ')[1]);
        }

        string[] Lines() => File.ReadAllLines(log);
        string[] Names() => [.. Lines().Select(Name)];
    }

    [Theory]
    [InlineData("prestart", "run")]
    [InlineData("createRuntime", "run")]
    [InlineData("createContainer", "run")]
    [InlineData("startContainer", "run")]
    [InlineData("poststart", "run")]
    public async Task OneThatFailsTakesTheContainerWithIt(string kind, string command)
    {
        await using var runtime = OciRuntime.Of(OciRuntime.Ours);
        IReadOnlyList<RuntimeHook> Of(string wanted) => wanted == kind ? [new RuntimeHook { Path = "/bin/sh", Args = ["sh", "-c", "echo broken >&2; exit 3"] }] : [];
        runtime.Configure("exec sleep 600", c => c with { Hooks = new RuntimeHooks { Prestart = Of("prestart"), CreateRuntime = Of("createRuntime"), CreateContainer = Of("createContainer"), StartContainer = Of("startContainer"), Poststart = Of("poststart") } });
        Assert.Contains($"{kind} hook \"/bin/sh\" failed with exit code 3: broken", (await runtime.RunAsync(command, "c")).Exited(1).Error, StringComparison.Ordinal);
        (await runtime.RunAsync("state", "c")).Exited(1);
        Assert.False(Directory.Exists("/sys/fs/cgroup/pids" + runtime.CgroupPath));
    }

    [Fact]
    public async Task OneThatHangsIsKilledAtItsTimeout()
    {
        await using var runtime = OciRuntime.Of(OciRuntime.Ours);
        runtime.Configure("true", c => c with { Hooks = new RuntimeHooks { CreateRuntime = [new RuntimeHook { Path = "/bin/sleep", Args = ["sleep", "600"], Timeout = 1 }] } });
        Assert.Contains("createRuntime hook \"/bin/sleep\" did not end within its timeout of 1 s and was killed", (await runtime.RunAsync("run", "c")).Exited(1).Error, StringComparison.Ordinal);
    }

    private static RuntimeHook Hook(string name, string log) =>
        new() { Path = "/bin/sh", Args = ["sh", "-c", $"echo {name} $(cat /proc/sys/kernel/hostname) $(cat) >>{log}"], Env = ["PATH=/bin:/usr/bin"] };

    private static string Name(string line) => line.Split(' ')[0];
}
