using Gantry.Engine.Planning;
using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

public sealed class UnkeptLimitsTests
{
    private static readonly HostConfig _everything = new()
    {
        Memory = 64 << 20,
        MemoryReservation = 32 << 20,
        MemorySwappiness = 5,
        OomKillDisable = true,
        PidsLimit = 9,
        CpuShares = 5,
        CpuQuota = 5000,
        CpusetCpus = "0",
        BlkioWeight = 100,
        BlkioWeightDevice = [new() { Path = "/dev/x", Weight = 100 }],
        BlkioDeviceReadBps = [new() { Path = "/dev/x", Rate = 1 }],
        BlkioDeviceWriteBps = [new() { Path = "/dev/x", Rate = 1 }],
        BlkioDeviceReadIOps = [new() { Path = "/dev/x", Rate = 1 }],
        BlkioDeviceWriteIOps = [new() { Path = "/dev/x", Rate = 1 }],
    };

    /// <summary>Sentences and their order are dockerd's, by which scripts look for them.</summary>
    [Fact]
    public void WhatNobodyKeepsIsDroppedWithAWarning()
    {
        List<string> warnings = [];
        var kept = UnkeptLimits.Drop(_everything, LimitSupport.None, warnings);
        Assert.Equal(
            [
                "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
                "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.",
                "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.",
                "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
                "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
                "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.",
                "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
                "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.",
                "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
                "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.",
                "Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded.",
                "Your kernel does not support BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit discarded.",
                "Your kernel does not support IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit discarded.",
                "Your kernel does not support IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded.",
            ],
            warnings);
        var limits = ResourcePlan.Limits(kept);
        Assert.Equal((null, null, null, null), (limits.Memory, limits.Cpu, limits.Pids, limits.BlockIO));
        Assert.Equal(-1, kept.MemorySwap);
    }

    [Fact]
    public void WhatCanBeKeptStays()
    {
        List<string> warnings = [];
        var all = new LimitSupport { Swappiness = true, OomKillDisable = true };
        Assert.Equal(_everything, UnkeptLimits.Drop(_everything, all, warnings));
        Assert.Empty(warnings);
    }

    [Fact]
    public void MemoryIsLimitedWithoutSwapWhereThatIsAll()
    {
        List<string> warnings = [];
        var kept = UnkeptLimits.Drop(new() { Memory = 64 << 20 }, new() { Swap = false }, warnings);
        Assert.Equal((64L << 20, -1L), (kept.Memory, kept.MemorySwap));
        Assert.Equal(["Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap."], warnings);
    }

    [Fact]
    public void VersionTwoKeepsWhatItsControllersKeep()
    {
        var limits = LimitSupport.OfUnified(["memory", "cpu"]);
        Assert.Equal((true, true, true, false, false, false), (limits.Memory, limits.CpuCfs, limits.CpuShares, limits.Pids, limits.Swappiness, limits.OomKillDisable));
        Assert.Equal(
            ["WARNING: No cpuset support", "WARNING: No io.weight support", "WARNING: No io.weight (per device) support", "WARNING: No io.max (rbps) support", "WARNING: No io.max (wbps) support", "WARNING: No io.max (riops) support", "WARNING: No io.max (wiops) support"],
            limits.Missing(CgroupLayout.V2));
        Assert.Contains("WARNING: No oom kill disable support", limits.Missing(CgroupLayout.V1));
    }
}
