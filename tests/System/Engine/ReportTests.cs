using System.Globalization;
using Gantry.Engine.Containers;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>What running containers are seen to do, and other limits while they run.</summary>
public sealed class ReportTests : IAsyncLifetime
{
    private const long Mib = 1 << 20;

    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private ContainerOperations Containers => _host.Engine.Containers;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("-ef")]
    [InlineData("aux")]
    [InlineData("-eo pid,ppid,pgid,sid,user,uid,comm,stat,s,tty,ni,nlwp,vsz,rss,args")]
    public async Task TopShowsWhatPsShows(string arguments)
    {
        var id = await StartAsync("sleep 1000 & cat /dev/zero | sleep 1001 & wait");
        await Eventually.HoldsAsync("all four processes run", async () => (await Containers.TopAsync(id, "-o pid,comm", Token)).Processes is { Count: 4 } rows && rows.Count(row => row[1] == "sleep") == 2 && rows.Any(row => row[1] == "cat"));
        var ours = await Containers.TopAsync(id, arguments, Token);
        // An option that changes nothing, but is for ps itself.
        var theirs = await Containers.TopAsync(id, $"{arguments} -ww", Token);
        Assert.Equal(theirs.Titles!, ours.Titles!);
        Assert.Equal(4, ours.Processes!.Count);
        // A young process's share of a processor is another one at each look, and the minute it was started in where the machine's clock is adjusted.
        bool Lasts(int column) => ours.Titles![column] is not ("C" or "%CPU" or "START" or "STIME");
        var started = ours.Titles!.ToList().FindIndex(static title => title is "START" or "STIME");
        foreach (var (own, other) in ours.Processes.Zip(theirs.Processes!))
        {
            Assert.Equal(other.Where((_, column) => Lasts(column)), own.Where((_, column) => Lasts(column)));
            if (started >= 0) // a minute before is 1439 minutes after
                Assert.InRange((TimeOnly.Parse(own[started], CultureInfo.InvariantCulture) - TimeOnly.Parse(other[started], CultureInfo.InvariantCulture)).TotalMinutes % 1439, 0, 1);
        }
    }

    [Fact]
    public async Task TopLeavesThreadsAndTreesToPs()
    {
        var id = await StartAsync("exec sleep 1000");
        var tree = await Containers.TopAsync(id, "axf", Token);
        Assert.Equal(["PID", "TTY", "STAT", "TIME", "COMMAND"], tree.Titles!);
        Assert.EndsWith("sleep 1000", Assert.Single(tree.Processes!)[4], StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<GantryException>(() => Containers.TopAsync(id, "-C", Token));
        Assert.Equal("ps: error: list of command names must follow -C", refused.Message);
        Assert.Equal("Couldn't find PID field in ps output", (await Assert.ThrowsAsync<GantryException>(() => Containers.TopAsync(id, "-o args", Token))).Message);
        await Containers.StopAsync(id, new StopRequest(), Token);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<GantryException>(() => Containers.TopAsync(id, null, Token))).Kind);
    }

    [Fact]
    public async Task StatsCountWhatAContainerUses()
    {
        var id = await StartAsync("echo 0123456789 > /dev/shm/x; while [ $(stat -c %s /dev/shm/x) -lt 9000000 ]; do cat /dev/shm/x /dev/shm/x > /dev/shm/y; cat /dev/shm/y > /dev/shm/x; done; echo full; sleep 1000", spec => spec with
        {
            HostConfig = spec.HostConfig! with { Memory = 64 * Mib, PidsLimit = 50, NetworkMode = "bridge" },
        });
        await Eventually.HoldsAsync("the memory is taken", async () => await _host.LogsAsync(id) == "full\n");
        var sample = await Containers.StatsAsync(id, oneShot: false, Token);
        Assert.Equal(($"/{(await Containers.InspectAsync(id, false, Token)).Name!.TrimStart('/')}", id, "linux"), (sample.Name, sample.Id, sample.OsType));
        Assert.Equal(64 * Mib, sample.Memory!.Limit);
        Assert.InRange(sample.Memory.Usage!.Value, 9_000_000, 64 * Mib);
        Assert.NotEmpty(sample.Memory.Stats!);
        Assert.Equal((1L, 50L), (sample.Pids!.Current, sample.Pids.Limit));
        Assert.True(sample.Cpu!.Usage!.Total > 0 && sample.PreCpu!.Usage!.Total > 0 && sample.Cpu.SystemUsage > sample.PreCpu.SystemUsage, "processor time goes on");
        Assert.True(string.CompareOrdinal(sample.PreRead, sample.Read) < 0, $"{sample.PreRead} is before {sample.Read}");
        Assert.Equal("eth0", Assert.Single(sample.Networks!).Key);
        var first = await Containers.StatsAsync(id, oneShot: true, Token);
        Assert.Equal(("0001-01-01T00:00:00Z", null), (first.PreRead, first.PreCpu));
    }

    [Fact]
    public async Task AStreamOfStatsEndsWithTheContainer()
    {
        var id = await StartAsync("exec sleep 1000");
        List<ContainerStatsResponse> samples = [];
        await foreach (var sample in Containers.StatsStreamAsync(id, Token))
        {
            samples.Add(sample);
            if (samples.Count == 2)
                await Containers.StopAsync(id, new StopRequest(), Token);
            else if (samples.Count == 3)
                await Containers.RemoveAsync(id, new RemoveRequest(Force: true), Token);
        }
        Assert.Equal(3, samples.Count);
        Assert.Null(samples[0].PreCpu);
        Assert.Equal(samples[0].Cpu, samples[1].PreCpu);
        Assert.Equal(("0001-01-01T00:00:00Z", null, null), (samples[2].Read, samples[2].Memory, samples[2].Networks)); // stopped by then
    }

    [Fact]
    public async Task LimitsChangeWhileAContainerRuns()
    {
        var id = await StartAsync("exec sleep 1000", spec => spec with { HostConfig = spec.HostConfig! with { Memory = 32 * Mib } });
        await Containers.UpdateAsync(id, new HostConfig { Memory = 48 * Mib, CpuShares = 300, PidsLimit = 20 }, Token);
        Assert.Equal((48 * Mib, 20L), await LimitsAsync());
        await Containers.UpdateAsync(id, new HostConfig { Memory = 128 * Mib, MemorySwap = 256 * Mib }, Token);
        await Containers.UpdateAsync(id, new HostConfig { Memory = 16 * Mib, PidsLimit = -1 }, Token);
        Assert.Equal((16 * Mib, 0L), await LimitsAsync());
        var host = (await Containers.InspectAsync(id, false, Token)).HostConfig!;
        Assert.Equal((16 * Mib, 256 * Mib, 300L, 0L), (host.Memory, host.MemorySwap, host.CpuShares, host.PidsLimit));

        var refused = await Assert.ThrowsAsync<GantryException>(() => Containers.UpdateAsync(id, new HostConfig { Memory = 512 * Mib }, Token));
        Assert.Equal($"Cannot update container {id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time", refused.Message);
        Assert.Equal((16 * Mib, 0L), await LimitsAsync());

        // The next run has them, too.
        await Containers.RestartAsync(id, new StopRequest(), Token);
        Assert.Equal((16 * Mib, 0L), await LimitsAsync());

        async Task<(long, long)> LimitsAsync() => await Containers.StatsAsync(id, oneShot: true, Token) is var sample ? (sample.Memory!.Limit!.Value, sample.Pids!.Limit!.Value) : default;
    }

    [Fact]
    public async Task ARestartPolicyCountsFromTheMomentItIsGiven()
    {
        var id = await StartAsync("trap 'exit 3' USR1; echo up; while :; do sleep 0.1; done");
        await Containers.UpdateAsync(id, new HostConfig { RestartPolicy = new RestartPolicy { Name = "on-failure", MaximumRetryCount = 1 } }, Token);
        await Eventually.HoldsAsync("it is up", async () => await _host.LogsAsync(id) == "up\n");
        await Containers.KillAsync(id, "USR1", Token);
        await Eventually.HoldsAsync("it is up again", async () => await _host.LogsAsync(id) == "up\nup\n");
        await Containers.KillAsync(id, "USR1", Token);
        await Eventually.HoldsAsync("it stays down", async () => (await Containers.InspectAsync(id, false, Token)) is { RestartCount: 1, State: { Status: "exited", ExitCode: 3 } });
    }

    private async Task<string> StartAsync(string line, Func<ContainerCreateSpec, ContainerCreateSpec>? more = null)
    {
        var id = await _host.CreateAsync(line, more);
        await Containers.StartAsync(id, Token);
        return id;
    }
}
