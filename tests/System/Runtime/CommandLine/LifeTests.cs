using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.System.Runtime.CommandLine;

/// <summary>create, start, state, kill, delete: the operations of the runtime specification.</summary>
public sealed class LifeTests
{
    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task AContainerIsCreatedThenRunsThenStopsThenIsGone(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("echo up; exec sleep 600", c => c with { Annotations = new Dictionary<string, string> { ["who"] = "me" } });
        (await runtime.RunAsync("create", "--bundle", runtime.Path, "--pid-file", runtime.Path + "/pid", "c")).Succeeded();
        var state = await runtime.StateAsync("c");
        Assert.Equal("created", state.GetProperty("status").GetString());
        Assert.Equal(File.ReadAllText(runtime.Path + "/pid"), state.GetProperty("pid").GetInt32().ToString());
        Assert.Equal(runtime.Path, state.GetProperty("bundle").GetString());
        Assert.Equal("me", state.GetProperty("annotations").GetProperty("who").GetString());
        Assert.Equal("", runtime.Log("c"));

        (await runtime.RunAsync("start", "c")).Succeeded();
        await runtime.LogIsAsync("c", "up\n");
        Assert.Equal("running", await runtime.StatusAsync("c"));

        (await runtime.RunAsync("kill", "c", "KILL")).Succeeded();
        await runtime.StoppedAsync("c");
        Assert.Equal(0, (await runtime.StateAsync("c")).GetProperty("pid").GetInt32());

        (await runtime.RunAsync("delete", "c")).Succeeded();
        Assert.Contains("does not exist", (await runtime.RunAsync("state", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists("/sys/fs/cgroup/pids" + runtime.CgroupPath));
        Assert.False(Directory.Exists(runtime.Root + "/c"));
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task WhatDoesNotFitTheStateIsRefused(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "exec sleep 600");
        Assert.Contains("container with given ID already exists", (await runtime.RunAsync("create", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("cannot start an already running container", (await runtime.RunAsync("start", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("cannot delete container c that is not stopped: running", (await runtime.RunAsync("delete", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("container not paused", (await runtime.RunAsync("resume", "c")).Exited(1).Error, StringComparison.Ordinal);

        (await runtime.RunAsync("kill", "c", "9")).Succeeded();
        await runtime.StoppedAsync("c");
        foreach (var command in (string[][])[["kill", "c", "TERM"], ["pause", "c"], ["update", "--pids-limit", "9", "c"]])
            Assert.Contains("container not running", (await runtime.RunAsync(command)).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("stopped", (await runtime.RunAsync("start", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("cannot exec in a stopped container", (await runtime.RunAsync("exec", "c", "true")).Exited(255).Error, StringComparison.Ordinal);

        foreach (var command in (string[][])[["state", "n"], ["start", "n"], ["kill", "n"], ["delete", "n"], ["pause", "n"], ["resume", "n"], ["ps", "n"], ["events", "--stats", "n"]])
            Assert.Contains("does not exist", (await runtime.RunAsync(command)).Exited(1).Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task DeletesWhatWasNeverStartedAndByForceWhatRuns(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure("exec sleep 600");
        (await runtime.RunAsync("create", "c")).Succeeded();
        (await runtime.RunAsync("delete", "c")).Succeeded();
        await runtime.StartAsync("c", "exec sleep 600");
        var pid = (await runtime.StateAsync("c")).GetProperty("pid").GetInt32();
        (await runtime.RunAsync("delete", "--force", "c")).Succeeded();
        Assert.True(Gantry.Runtime.State.ProcessStat.Find(pid) is null or { IsDead: true }, "init has ended; its new parent may not have reaped it yet");
        (await runtime.RunAsync("delete", "--force", "c")).Succeeded();
        (await runtime.RunAsync("state", "c")).Exited(1);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task KillTakesSignalsByNameAndNumber(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "for s in HUP USR1 USR2 TERM; do trap \"echo $s\" $s; done; echo ready; while :; do sleep 0.01; done");
        await runtime.LogIsAsync("c", "ready\n");
        var seen = "ready\n";
        foreach (var (signal, trapped) in ((string, string)[])[("SIGHUP", "HUP"), ("usr1", "USR1"), ("12", "USR2")])
            seen = await Send(runtime, seen, trapped, signal);
        seen = await Send(runtime, seen, "TERM");
        (await runtime.RunAsync("kill", "c", "0")).Succeeded();
        Assert.Matches("unknown signal .*SIGNOSUCH", (await runtime.RunAsync("kill", "c", "SIGNOSUCH")).Exited(1).Error);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task KillAllReachesEveryProcessOfAContainerWithoutAPidNamespace(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "sleep 601 & sleep 602 & wait", c => c with { Linux = c.Linux! with { Namespaces = [.. c.Linux.Namespaces!.Where(n => n.Type != "pid")] } });
        await Support.Eventually.HoldsAsync("three processes run", async () => (await runtime.RunAsync("ps", "--format", "json", "c")).Text.Split(',').Length == 3);
        (await runtime.RunAsync("kill", "--all", "c", "KILL")).Succeeded();
        await runtime.StoppedAsync("c");
        await Support.Eventually.HoldsAsync("no process is left", () => Task.FromResult(runtime.CgroupFile("pids", "cgroup.procs").Length == 0));
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task PauseStopsEveryProcessAndResumeLetsThemGoOn(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "exec sleep 600");
        (await runtime.RunAsync("pause", "c")).Succeeded();
        Assert.Equal("paused", await runtime.StatusAsync("c"));
        Assert.Equal("FROZEN", runtime.CgroupFile("freezer", "freezer.state"));
        Assert.Contains("container not running", (await runtime.RunAsync("pause", "c")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("cannot exec in a paused container (use --ignore-paused to override)", (await runtime.RunAsync("exec", "c", "true")).Exited(255).Error, StringComparison.Ordinal);
        (await runtime.RunAsync("resume", "c")).Succeeded();
        Assert.Equal("running", await runtime.StatusAsync("c"));
        (await runtime.RunAsync("exec", "c", "true")).Succeeded();
        // A paused container can be killed all the same.
        (await runtime.RunAsync("pause", "c")).Succeeded();
        (await runtime.RunAsync("delete", "--force", "c")).Succeeded();
    }

    private static async Task<string> Send(OciRuntime runtime, string seen, string trapped, params string[] signal)
    {
        (await runtime.RunAsync(["kill", "c", .. signal])).Succeeded();
        await runtime.LogIsAsync("c", seen + trapped + "\n");
        return seen + trapped + "\n";
    }
}
