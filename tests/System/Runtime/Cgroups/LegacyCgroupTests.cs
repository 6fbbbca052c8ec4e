using System.Diagnostics;
using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Cgroups;
using Xunit;

namespace Gantry.Tests.System.Runtime.Cgroups;

/// <summary>Version 1 cgroups on the kernel that runs the tests.</summary>
public sealed class LegacyCgroupTests : IDisposable
{
    private const int SIGKILL = 9;
    private readonly string _parent = $"/gantry-test-{Guid.NewGuid():N}";
    private readonly CgroupMounts _mounts = CgroupMounts.Read();
    private readonly List<Process> _processes = [];

    public LegacyCgroupTests() => Assert.SkipWhen(_mounts.Layout == CgroupLayout.V2, "needs cgroup version 1");

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        Cgroup.Find(new() { Path = _parent }).Delete();
    }

    private ICgroup Create(LinuxResources? resources = null, string name = "c") => Cgroup.Create(new() { Path = $"{_parent}/{name}", Resources = resources });

    private static string Read(ICgroup cgroup, string controller, string file) => File.ReadAllText($"{cgroup.Paths[controller]}/{file}").Trim();

    /// <summary>Starts a shell that joins the cgroup as a launched child does, then runs a script.</summary>
    private Process Run(ICgroup cgroup, string script, bool output = false)
    {
        var join = string.Join("; ", cgroup.JoinPaths.Select(path => $"echo 0 > {path}"));
        var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", $"{join}; {script}" }, RedirectStandardOutput = true, RedirectStandardError = output };
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    private Process Sleeper(ICgroup cgroup)
    {
        var process = Run(cgroup, "echo ready; exec sleep 1000");
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }

    [Fact]
    public void Create_AppliesWhatIsAsked()
    {
        var cgroup = Create(new()
        {
            Memory = new() { Limit = 64 << 20, Swap = 128 << 20, Reservation = 32 << 20, Swappiness = 10 },
            Cpu = new() { Shares = 512, Quota = 50_000, Period = 100_000, Cpus = "0", Mems = "0" },
            Pids = new() { Limit = 50 },
        });
        Assert.Equal(_mounts.V1.Count, cgroup.JoinPaths.Count);
        Assert.Equal("67108864", Read(cgroup, "memory", "memory.limit_in_bytes"));
        Assert.Equal("33554432", Read(cgroup, "memory", "memory.soft_limit_in_bytes"));
        Assert.Equal("10", Read(cgroup, "memory", "memory.swappiness"));
        Assert.Equal("512", Read(cgroup, "cpu", "cpu.shares"));
        Assert.Equal("50000", Read(cgroup, "cpu", "cpu.cfs_quota_us"));
        Assert.Equal("0", Read(cgroup, "cpuset", "cpuset.cpus"));
        Assert.Equal("50", Read(cgroup, "pids", "pids.max"));

        cgroup.Update(new() { Memory = new() { Limit = 256 << 20, Swap = 512 << 20 }, Cpu = new() { Quota = -1 }, Pids = new() { Limit = -1 } });
        Assert.Equal("268435456", Read(cgroup, "memory", "memory.limit_in_bytes"));
        Assert.Equal("536870912", Read(cgroup, "memory", "memory.memsw.limit_in_bytes"));
        Assert.Equal("-1", Read(cgroup, "cpu", "cpu.cfs_quota_us"));
        Assert.Equal("max", Read(cgroup, "pids", "pids.max"));
        cgroup.Update(new() { Memory = new() { Limit = 32 << 20, Swap = 64 << 20 } });
        Assert.Equal("67108864", Read(cgroup, "memory", "memory.memsw.limit_in_bytes"));

        cgroup.Delete();
        Assert.All(cgroup.Paths.Values, path => Assert.False(Directory.Exists(path)));
        cgroup.Delete();
    }

    [Fact]
    public void Create_ThatFails_LeavesNothing()
    {
        var error = Assert.Throws<GantryException>(() => Create(new() { Cpu = new() { Cpus = "4000" } }));
        Assert.Contains("cannot set cpuset.cpus to \"4000\"", error.Message, StringComparison.Ordinal);
        Assert.All(Cgroup.Find(new() { Path = $"{_parent}/c" }).Paths.Values, path => Assert.False(Directory.Exists(path)));
    }

    [Fact]
    public void Create_RefusesUnifiedAndUsedCgroups()
    {
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<GantryException>(() => Create(new() { Unified = new Dictionary<string, string> { ["memory.high"] = "1" } })).Kind);
        var cgroup = Create();
        Sleeper(cgroup);
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => Create()).Kind);
        cgroup.KillAll(SIGKILL);
        cgroup.Delete();
    }

    [Fact]
    public void Devices_OtherThanAllowedAreRefused()
    {
        var node = Path.Combine(Path.GetTempPath(), $"gantry-test-mem-{Guid.NewGuid():N}");
        var cgroup = Create(new() { Devices = [new() { Allow = false, Access = "rwm" }, new() { Allow = true, Type = "c", Major = 1, Minor = 3, Access = "rwm" }] });
        try
        {
            // /dev/kmsg's number: readable by root outside, foreign inside. mknod itself is allowed, as Docker has it.
            var process = Run(cgroup, $"echo x > /dev/null && echo null-ok; mknod {node} c 1 11 && echo mknod-ok; head -c 1 {node} > /dev/null 2>&1 || echo refused; head -c 1 /dev/zero > /dev/null && echo zero-ok");
            Assert.Equal("null-ok\nmknod-ok\nrefused\nzero-ok\n", process.StandardOutput.ReadToEnd());
        }
        finally
        {
            File.Delete(node);
        }

        cgroup.Update(new() { Devices = [new() { Allow = true, Access = "rwm" }] });
        Assert.Equal("a *:* rwm", Read(cgroup, "devices", "devices.list"));
        cgroup.Delete();
    }

    [Fact]
    public void Freeze_StopsAndThawContinues()
    {
        var cgroup = Create();
        var process = Sleeper(cgroup);
        cgroup.Freeze();
        Assert.True(cgroup.IsFrozen);
        Assert.Equal([process.Id], cgroup.Pids());
        cgroup.Thaw();
        Assert.False(cgroup.IsFrozen);
        cgroup.Freeze();
        cgroup.KillAll(SIGKILL);
        Assert.True(process.WaitForExit(5000));
        cgroup.Delete();
    }

    [Fact]
    public void Delete_KillsWhatIsInside_AndBelow()
    {
        var cgroup = Create();
        var outer = Sleeper(cgroup);
        foreach (var path in cgroup.Paths.Values.Distinct())
            Directory.CreateDirectory(path + "/nested/deep");
        var inner = Run(cgroup, $"for d in {string.Join(' ', cgroup.Paths.Where(pair => pair.Key != "cpuset").Select(pair => pair.Value).Distinct())}; do echo 0 > $d/nested/deep/tasks; done; echo ready; exec sleep 1000");
        Assert.Equal("ready", inner.StandardOutput.ReadLine());
        Assert.Equal(new[] { outer.Id, inner.Id }.Order(), cgroup.Pids());
        cgroup.Delete();
        Assert.True(outer.WaitForExit(5000));
        Assert.True(inner.WaitForExit(5000));
        Assert.All(cgroup.Paths.Values, path => Assert.False(Directory.Exists(path)));
    }

    [Fact]
    public void KillAll_CatchesAForkingCrowd()
    {
        var cgroup = Create(new() { Pids = new() { Limit = 60 } });
        var process = Run(cgroup, "f() { while :; do (sleep 0.01 &) 2>/dev/null; done; }; f & f & f & f & echo ready; wait");
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        cgroup.KillAll(SIGKILL);
        cgroup.Delete();
        Assert.True(process.WaitForExit(5000));
    }

    [Fact]
    public void OomKilled_IsSeen()
    {
        var cgroup = Create(new() { Memory = new() { Limit = 8 << 20, Swap = 8 << 20 } });
        Assert.False(cgroup.OomKilled());
        var process = Run(cgroup, "exec dd if=/dev/zero of=/dev/null bs=100M count=1", output: true);
        Assert.True(process.WaitForExit(30_000));
        Assert.Equal(137, process.ExitCode);
        Assert.True(cgroup.OomKilled());
        Assert.True(Cgroup.Open(cgroup.Paths).OomKilled());
        cgroup.Delete();
    }

    [Fact]
    public void WaitsForMemory_IsSeen()
    {
        var cgroup = Create(new() { Memory = new() { Limit = 8 << 20, Swap = 8 << 20, DisableOOMKiller = true } });
        Assert.False(cgroup.WaitsForMemory());
        // Faults of its own: one within a system call would only fail that.
        var process = Run(cgroup, "x=aaaaaaaa; while :; do x=$x$x$x$x; done");
        Assert.True(SpinWait.SpinUntil(cgroup.WaitsForMemory, 30_000));
        Assert.False(process.HasExited);
        Assert.False(cgroup.OomKilled());
        cgroup.KillAll(SIGKILL);
        Assert.True(process.WaitForExit(30_000));
        Assert.False(cgroup.WaitsForMemory());
        cgroup.Delete();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/a/../..")]
    [InlineData("")]
    public void RootCgroup_IsRefused(string path) => Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => Cgroup.Create(new() { Path = path })).Kind);
}
