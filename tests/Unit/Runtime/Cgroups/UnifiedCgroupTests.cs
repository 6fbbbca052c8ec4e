using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Cgroups;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Cgroups;

/// <summary>Version 2 on a directory that looks like one: what is written, and where. Devices need a kernel: see the System tests.</summary>
public sealed class UnifiedCgroupTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-test-unified-").FullName;
    private readonly CgroupMounts _mounts;

    public UnifiedCgroupTests()
    {
        _mounts = new() { Unified = new([], _root, "/", "/own") };
        Make("", "memory cpu cpuset io pids hugetlb", "memory");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // The files a kernel would make with the directory.
    private void Make(string path, string controllers, string subtree)
    {
        var directory = Directory.CreateDirectory(_root + path).FullName;
        File.WriteAllText(directory + "/cgroup.controllers", controllers + "\n");
        File.WriteAllText(directory + "/cgroup.subtree_control", subtree + "\n");
        string[] files =
        [
            "cgroup.procs", "cgroup.freeze", "cgroup.events", "cgroup.kill", "memory.max", "memory.low", "memory.swap.max", "memory.current", "memory.events", "memory.high",
            "cpu.weight", "cpu.max", "cpu.max.burst", "cpu.idle", "cpuset.cpus", "cpuset.mems", "pids.max", "io.weight", "io.max", "hugetlb.2MB.max", "hugetlb.2MB.rsvd.max", "rdma.max",
        ];
        foreach (var file in files)
            File.WriteAllText($"{directory}/{file}", "");
    }

    private string Read(string file) => File.ReadAllText($"{_root}/gantry/c/{file}");

    private ICgroup Create(LinuxResources resources)
    {
        Make("/gantry", "memory cpu cpuset io pids hugetlb", "");
        Make("/gantry/c", "", "");
        return Cgroup.Create(new() { Path = "/gantry/c", Resources = resources, Mounts = _mounts });
    }

    [Fact]
    public void Limits_AreTurnedIntoVersion2()
    {
        var cgroup = Create(new()
        {
            Memory = new() { Limit = 100, Swap = 300, Reservation = 50 },
            Cpu = new() { Shares = 1024, Quota = 50_000, Period = 100_000, Burst = 7, Cpus = "0-1", Mems = "0", Idle = 0 },
            Pids = new() { Limit = -1 },
            BlockIO = new() { Weight = 1000, ThrottleReadBpsDevice = [new() { Major = 8, Minor = 0, Rate = 1048576 }] },
            HugepageLimits = [new() { PageSize = "2MB", Limit = 4 }],
            Rdma = new Dictionary<string, LinuxRdma> { ["mlx5_0"] = new() { HcaHandles = 3 } },
            Unified = new Dictionary<string, string> { ["memory.high"] = "80" },
        });
        Assert.Equal(CgroupLayout.V2, cgroup.Layout);
        Assert.Equal([$"{_root}/gantry/c/cgroup.procs"], cgroup.JoinPaths);
        Assert.Equal(("100", "200", "50", "80"), (Read("memory.max"), Read("memory.swap.max"), Read("memory.low"), Read("memory.high")));
        Assert.Equal(("100", "50000 100000", "7", "0"), (Read("cpu.weight"), Read("cpu.max"), Read("cpu.max.burst"), Read("cpu.idle")));
        Assert.Equal(("0-1", "0", "max"), (Read("cpuset.cpus"), Read("cpuset.mems"), Read("pids.max")));
        Assert.Equal(("default 10000", "8:0 rbps=1048576"), (Read("io.weight"), Read("io.max")));
        Assert.Equal(("4", "4", "mlx5_0 hca_handle=3"), (Read("hugetlb.2MB.max"), Read("hugetlb.2MB.rsvd.max"), Read("rdma.max")));
        Assert.Equal("+cpuset +cpu +io +hugetlb +pids", string.Join(' ', File.ReadAllText(_root + "/cgroup.subtree_control").Split(' ').OrderBy(word => Array.IndexOf(["+cpuset", "+cpu", "+io", "+hugetlb", "+pids"], word.Trim()))).Replace("\n", "", StringComparison.Ordinal));
        Assert.Contains("+memory", File.ReadAllText(_root + "/gantry/cgroup.subtree_control"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2UL, "1")]
    [InlineData(512UL, "59")]
    [InlineData(1024UL, "100")]
    [InlineData(262144UL, "10000")]
    public void Shares_BecomeWeights(ulong shares, string weight)
    {
        Create(new() { Cpu = new() { Shares = shares } });
        Assert.Equal(weight, Read("cpu.weight"));
    }

    [Fact]
    public void UnlimitedSwap_AndNone()
    {
        Create(new() { Memory = new() { Limit = 100, Swap = -1 } });
        Assert.Equal("max", Read("memory.swap.max"));
        Create(new() { Memory = new() { Limit = 100, Swap = 100 } });
        Assert.StartsWith("0", Read("memory.swap.max"), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatVersion2HasNot_IsRefused()
    {
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<GantryException>(() => Create(new() { Memory = new() { Swappiness = 1 } })).Kind);
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<GantryException>(() => Create(new() { Cpu = new() { RealtimePeriod = 1 } })).Kind);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => Create(new() { Memory = new() { Swap = 5 } })).Kind);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => Create(new() { Unified = new Dictionary<string, string> { ["../x.y"] = "1" } })).Kind);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => Create(new() { Unified = new Dictionary<string, string> { ["cgroup.procs"] = "1" } })).Kind);
    }

    [Fact]
    public void OomKill_AndFreeze_AreRead()
    {
        var cgroup = Create(new());
        Assert.False(cgroup.OomKilled());
        File.WriteAllText(_root + "/gantry/c/memory.events", "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n");
        Assert.True(cgroup.OomKilled());
        File.WriteAllText(_root + "/gantry/c/cgroup.events", "populated 1\nfrozen 1\n");
        Assert.True(cgroup.IsFrozen);
        cgroup.Freeze();
        Assert.Equal("1", Read("cgroup.freeze"));
        cgroup.KillAll(9);
        Assert.Equal("1", Read("cgroup.kill"));
    }

    [Fact]
    public void RelativePath_LiesBelowOurOwn()
    {
        Make("/own", "memory", "memory");
        Assert.Equal($"{_root}/own/x/cgroup.procs", Assert.Single(Cgroup.Create(new() { Path = "x/../x", Mounts = _mounts }).JoinPaths));
    }
}
