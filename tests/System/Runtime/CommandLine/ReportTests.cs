using System.Text.Json;
using Gantry.Model.Oci;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Runtime.CommandLine;

/// <summary>What the runtime tells: list, ps, events, spec, features, and its errors; and update, which events show.</summary>
public sealed class ReportTests
{
    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task ListsContainersAndTheirProcesses(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        Assert.Equal("ID PID STATUS BUNDLE CREATED OWNER", Words((await runtime.RunAsync("list")).Succeeded().Output.Split('\n')[0]));
        await runtime.StartAsync("c", "exec sleep 600");
        var pid = (await runtime.StateAsync("c")).GetProperty("pid").GetInt32();
        Assert.Equal("c\n", (await runtime.RunAsync("list", "-q")).Succeeded().Output);
        Assert.Matches($"^c {pid} running {runtime.Path} \\S+ root$", Words((await runtime.RunAsync("list")).Succeeded().Output.Split('\n')[1]));
        var listed = Assert.Single(JsonDocument.Parse((await runtime.RunAsync("list", "--format", "json")).Succeeded().Output).RootElement.EnumerateArray());
        Assert.Equal(("c", pid, "running", "root"), (listed.GetProperty("id").GetString(), listed.GetProperty("pid").GetInt32(), listed.GetProperty("status").GetString(), listed.GetProperty("owner").GetString()));

        Assert.Equal($"[{pid}]", (await runtime.RunAsync("ps", "--format", "json", "c")).Succeeded().Text);
        var table = (await runtime.RunAsync("ps", "c")).Succeeded().Output.Split('\n');
        Assert.StartsWith("UID PID PPID", Words(table[0]), StringComparison.Ordinal);
        Assert.Contains(pid.ToString(), table[1], StringComparison.Ordinal);
        Assert.EndsWith("sleep 600", table[1], StringComparison.Ordinal);
        Assert.NotEqual("", (await runtime.RunAsync("list", "--format", "xml")).Exited(1).Error);

        (await runtime.RunAsync("kill", "c", "KILL")).Succeeded();
        await runtime.StoppedAsync("c");
        Assert.StartsWith("UID", (await runtime.RunAsync("ps", "c")).Succeeded().Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task UpdatesLimitsFromOptionsAndFromJson(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        await runtime.StartAsync("c", "exec sleep 600");
        (await runtime.RunAsync("update", "--memory", "64m", "--memory-reservation", "32MiB", "--pids-limit", "20", "--cpu-share", "512", "--cpu-period", "50000", "--cpu-quota", "25000", "--cpuset-cpus", "0", "c")).Succeeded();
        Assert.Equal("67108864", runtime.CgroupFile("memory", "memory.limit_in_bytes"));
        Assert.Equal("33554432", runtime.CgroupFile("memory", "memory.soft_limit_in_bytes"));
        Assert.Equal("20", runtime.CgroupFile("pids", "pids.max"));
        Assert.Equal(("512", "50000", "25000"), (runtime.CgroupFile("cpu", "cpu.shares"), runtime.CgroupFile("cpu", "cpu.cfs_period_us"), runtime.CgroupFile("cpu", "cpu.cfs_quota_us")));
        Assert.Equal("0", runtime.CgroupFile("cpuset", "cpuset.cpus"));
        await File.WriteAllTextAsync(runtime.Path + "/resources.json", """{"memory": {"limit": 134217728}, "pids": {"limit": 30}}""");
        (await runtime.RunAsync("update", "-r", runtime.Path + "/resources.json", "c")).Succeeded();
        Assert.Equal(("134217728", "30", "512"), (runtime.CgroupFile("memory", "memory.limit_in_bytes"), runtime.CgroupFile("pids", "pids.max"), runtime.CgroupFile("cpu", "cpu.shares")));
        foreach (var value in (string[])["x", "64q"]) (await runtime.RunAsync("update", "--memory", value, "c")).Exited(1);

        var stats = JsonDocument.Parse((await runtime.RunAsync("events", "--stats", "c")).Succeeded().Output).RootElement;
        Assert.Equal(("stats", "c"), (stats.GetProperty("type").GetString(), stats.GetProperty("id").GetString()));
        Assert.True(stats.GetProperty("data").GetProperty("cpu").GetProperty("usage").GetProperty("total").GetUInt64() > 0);
        Assert.Equal(134217728u, stats.GetProperty("data").GetProperty("memory").GetProperty("usage").GetProperty("limit").GetUInt64());
        Assert.Equal((1, 30), (stats.GetProperty("data").GetProperty("pids").GetProperty("current").GetInt32(), stats.GetProperty("data").GetProperty("pids").GetProperty("limit").GetInt32()));
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task EventsTellOfAProcessKilledForMemory(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        runtime.Configure(
            "while test ! -e /go; do sleep 0.01; done; dd if=/dev/zero of=/dev/null bs=64M count=1; exit 0",
            c => c with { Linux = c.Linux! with { Resources = new LinuxResources { Memory = new LinuxMemory { Limit = 16 << 20, Swap = 16 << 20 } } } });
        (await runtime.RunAsync("create", "c")).Succeeded();
        (await runtime.RunAsync("start", "c")).Succeeded();
        var events = runtime.RunAsync("events", "--interval", "50ms", "c");
        await Seen("stats");
        await File.WriteAllTextAsync(runtime.Rootfs + "/go", "");
        await Seen("oom");
        // Ours ends with the container, runc's when it is deleted.
        (await runtime.RunAsync("delete", "--force", "c")).Succeeded();
        Assert.Contains("{\"type\":\"oom\",\"id\":\"c\"", (await events).Succeeded().Output, StringComparison.Ordinal);

        Task Seen(string type) => Eventually.HoldsAsync($"a {type} event", () => Task.FromResult(Directory.GetFiles(runtime.Path, "call-*.out").Any(file => File.ReadAllText(file).Contains($"\"type\":\"{type}\"", StringComparison.Ordinal))));
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task WritesASpecThatRuns(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        (await runtime.RunAsync("spec", "--bundle", runtime.Path)).Succeeded();
        var config = RuntimeConfigReader.Read(await File.ReadAllBytesAsync(runtime.Path + "/config.json"));
        Assert.Equal(["sh"], config.Process!.Args);
        Assert.Contains("exists. Remove it first", (await runtime.RunAsync("spec")).Exited(1).Error, StringComparison.Ordinal);
        // As it is, but for the terminal; by runc it names ambient capabilities that cannot be raised.
        runtime.Configure("", _ => config with { Process = config.Process with { Terminal = false, Args = ["sh", "-c", "id -u; grep CapAmb /proc/self/status"] } });
        Assert.Equal("0\nCapAmb:\t0000000000000000\n", (await runtime.RunAsync("run", "c")).Succeeded().Output);
    }

    [Fact]
    public async Task RunsTheSpecThatRuncWrites()
    {
        await using var runtime = OciRuntime.Of(OciRuntime.Ours);
        (await Command.RunAsync("runc", ["spec", "--bundle", runtime.Path])).Succeeded();
        var text = await File.ReadAllTextAsync(runtime.Path + "/config.json");
        await File.WriteAllTextAsync(runtime.Path + "/config.json", text.Replace("\"terminal\": true", "\"terminal\": false", StringComparison.Ordinal).Replace("\"sh\"", "\"hostname\"", StringComparison.Ordinal));
        Assert.Equal("runc\n", (await runtime.RunAsync("run", "c")).Succeeded().Output);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task TellsItsFeaturesAndVersion(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        var features = JsonDocument.Parse((await runtime.RunAsync("features")).Succeeded().Output).RootElement;
        Assert.Equal("1.0.0", features.GetProperty("ociVersionMin").GetString());
        Assert.Contains("startContainer", features.GetProperty("hooks").EnumerateArray().Select(e => e.GetString()));
        Assert.Contains("rro", features.GetProperty("mountOptions").EnumerateArray().Select(e => e.GetString()));
        var linux = features.GetProperty("linux");
        Assert.Contains("CAP_SYS_ADMIN", linux.GetProperty("capabilities").EnumerateArray().Select(e => e.GetString()));
        Assert.True(linux.GetProperty("cgroup").GetProperty("v2").GetBoolean());
        Assert.Contains("SCMP_ACT_NOTIFY", linux.GetProperty("seccomp").GetProperty("actions").EnumerateArray().Select(e => e.GetString()));
        Assert.Contains("spec: 1.", (await runtime.RunAsync("--version")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("update", (await runtime.RunAsync("--help")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task ErrorsGoToTheLogInTheFormatAskedFor(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        var log = runtime.Path + "/log";
        (await runtime.RunAsync("--log", log, "--log-format", "json", "state", "n")).Exited(1);
        var line = JsonDocument.Parse(await File.ReadAllTextAsync(log)).RootElement;
        Assert.Equal("error", line.GetProperty("level").GetString());
        Assert.Contains("does not exist", line.GetProperty("msg").GetString(), StringComparison.Ordinal);
        File.Delete(log);
        (await runtime.RunAsync("--log", log, "state", "n")).Exited(1);
        Assert.Contains("does not exist", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNotSupportedIsRefusedWithAnAlternative()
    {
        await using var runtime = OciRuntime.Of(OciRuntime.Ours);
        Assert.Contains("--cgroup-manager cgroupfs", (await runtime.RunAsync("--systemd-cgroup", "list")).Exited(1).Error, StringComparison.Ordinal);
        await runtime.StartAsync("c", "exec sleep 600");
        Assert.Contains("ps --format json c", (await runtime.RunAsync("ps", "c", "-o", "pid")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("exec --cgroup /x is not supported", (await runtime.RunAsync("exec", "--cgroup", "/x", "c", "true")).Exited(255).Error, StringComparison.Ordinal);
        Assert.Contains("unknown command \"checkpoint\"", (await runtime.RunAsync("checkpoint", "c")).Exited(1).Error, StringComparison.Ordinal);
    }

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
