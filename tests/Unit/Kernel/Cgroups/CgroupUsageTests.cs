using Gantry.Kernel.Cgroups;
using Xunit;

namespace Gantry.Tests.Unit.Kernel.Cgroups;

/// <summary>Both generations' counters, on directories that look like them.</summary>
public sealed class CgroupUsageTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-test-usage-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void ReadsVersion1()
    {
        foreach (var (file, content) in new Dictionary<string, string>
        {
            ["cpuacct.usage"] = "24224657\n", ["cpuacct.usage_percpu"] = "3010201 21214456 \n", ["cpuacct.stat"] = "user 3\nsystem 4\n",
            ["cpu.stat"] = "nr_periods 5\nnr_throttled 6\nthrottled_time 7\n",
            ["memory.usage_in_bytes"] = "536576\n", ["memory.max_usage_in_bytes"] = "3817472\n", ["memory.limit_in_bytes"] = "9223372036854771712\n", ["memory.failcnt"] = "8\n",
            ["memory.stat"] = "cache 4096\ntotal_inactive_file 12\n", ["pids.current"] = "2\n", ["pids.max"] = "max\n",
            ["blkio.throttle.io_service_bytes_recursive"] = "254:0 Read 7593984\n254:0 Write 100\n254:0 Total 7594084\nTotal 7594084\n", ["blkio.throttle.io_serviced_recursive"] = "Total 0\n",
        })
            File.WriteAllText(Path.Combine(_root, file), content);
        var usage = CgroupUsage.Read(new[] { "cpu", "cpuacct", "memory", "pids", "blkio" }.ToDictionary(controller => controller, _ => _root));

        Assert.Equal((24224657L, 30_000_000L, 40_000_000L), (usage.CpuNs, usage.CpuUserNs, usage.CpuKernelNs));
        Assert.Equal([3010201, 21214456], usage.CpuByProcessorNs);
        Assert.Equal((5L, 6L, 7L), (usage.Periods, usage.ThrottledPeriods, usage.ThrottledNs));
        Assert.Equal((536576L, 3817472L, 9223372036854771712L, 8L), (usage.MemoryBytes, usage.MemoryPeakBytes, usage.MemoryLimitBytes, usage.MemoryFailures));
        Assert.Equal(12, usage.MemoryDetails["total_inactive_file"]);
        Assert.Equal((2L, 0L), (usage.Processes, usage.ProcessLimit));
        Assert.Equal([new(254, 0, "Read", 7593984), new(254, 0, "Write", 100), new(254, 0, "Total", 7594084)], usage.Bytes!);
        Assert.Empty(usage.Operations!);
    }

    [Fact]
    public void ReadsVersion2()
    {
        foreach (var (file, content) in new Dictionary<string, string>
        {
            ["cpu.stat"] = "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnr_periods 5\nnr_throttled 6\nthrottled_usec 7\n",
            ["memory.current"] = "4096\n", ["memory.max"] = "max\n", ["memory.events"] = "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\n", ["memory.stat"] = "anon 1\ninactive_file 3\n",
            ["pids.current"] = "2\n", ["pids.max"] = "100\n", ["io.stat"] = "8:0 rbytes=90112 wbytes=5 rios=4 wios=1 dbytes=0 dios=0\n",
        })
            File.WriteAllText(Path.Combine(_root, file), content);
        var usage = CgroupUsage.Read(new Dictionary<string, string> { [""] = _root });

        Assert.Equal((10_000L, 6_000L, 4_000L, 5L, 6L, 7_000L), (usage.CpuNs, usage.CpuUserNs, usage.CpuKernelNs, usage.Periods, usage.ThrottledPeriods, usage.ThrottledNs));
        Assert.Empty(usage.CpuByProcessorNs);
        Assert.Equal((4096L, long.MaxValue, 2L, 3L), (usage.MemoryBytes, usage.MemoryLimitBytes, usage.MemoryFailures, usage.MemoryDetails["inactive_file"]));
        Assert.Equal((2L, 100L), (usage.Processes, usage.ProcessLimit));
        Assert.Equal([new(8, 0, "read", 90112), new(8, 0, "write", 5)], usage.Bytes!);
        Assert.Null(usage.Operations);
    }

    [Fact]
    public void WhatIsNotThereIsNothing()
    {
        var usage = CgroupUsage.Read(new Dictionary<string, string> { ["memory"] = _root + "/gone" });
        Assert.Equal((0L, 0L, 0L), (usage.CpuNs, usage.MemoryBytes, usage.Processes));
        Assert.Null(usage.Bytes);
    }

    [Fact]
    public void ProcessesOfAWholeTree()
    {
        Directory.CreateDirectory($"{_root}/a/b");
        File.WriteAllText($"{_root}/cgroup.procs", "30\n");
        File.WriteAllText($"{_root}/a/cgroup.procs", "0\n20\n");
        File.WriteAllText($"{_root}/a/b/cgroup.procs", "10\n20\n");
        Assert.Equal([10, 20, 30], CgroupProcesses.Read(_root));
        Assert.Empty(CgroupProcesses.Read(_root + "/gone"));
    }
}
