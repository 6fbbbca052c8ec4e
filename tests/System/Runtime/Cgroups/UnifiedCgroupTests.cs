using System.Diagnostics;
using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Runtime.Cgroups;
using Xunit;

namespace Gantry.Tests.System.Runtime.Cgroups;

/// <summary>Version 2 on the kernel that runs the tests, with as many controllers as it has there: maybe none.</summary>
public sealed class UnifiedCgroupTests : IDisposable
{
    private const int SIGKILL = 9;
    private readonly CgroupMounts _mounts;
    private readonly ICgroup _cgroup;
    private Process? _process;

    public UnifiedCgroupTests()
    {
        var unified = CgroupMounts.Read().Unified;
        Assert.SkipWhen(unified is null, "needs a cgroup2 mount");
        _mounts = new() { Unified = unified };
        _cgroup = Cgroup.Create(new() { Path = $"/gantry-test-{Guid.NewGuid():N}", Mounts = _mounts });
    }

    public void Dispose()
    {
        _cgroup?.Delete();
        _process?.WaitForExit(5000);
        _process?.Dispose();
    }

    private Process Run(string script)
    {
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"echo 0 > {_cgroup.JoinPaths[0]}; {script}"]) { RedirectStandardOutput = true })!;
        return _process;
    }

    [Fact]
    public void FreezeKillAndDelete_Work()
    {
        var process = Run("sleep 1000 & echo ready; wait");
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        Assert.Equal(2, _cgroup.Pids().Count);
        _cgroup.Freeze();
        Assert.True(_cgroup.IsFrozen);
        _cgroup.Thaw();
        _cgroup.KillAll(SIGKILL);
        Assert.True(process.WaitForExit(5000));
        Directory.CreateDirectory(_cgroup.UnifiedDirectory + "/nested");
        _cgroup.Delete();
        Assert.False(Directory.Exists(_cgroup.UnifiedDirectory));
    }

    [Fact]
    public void Devices_OtherThanAllowedAreRefused()
    {
        try
        {
            _cgroup.Update(new() { Devices = [new() { Allow = false, Access = "rwm" }, new() { Allow = true, Type = "c", Major = 1, Minor = 11, Access = "r" }] });
            _cgroup.Update(new() { Devices = [new() { Allow = false, Access = "rwm" }, new() { Allow = true, Type = "c", Access = "rwm" }, new() { Allow = false, Type = "c", Major = 1, Minor = 11, Access = "w" }] });
        }
        catch (GantryException e) when (e.Kind == ErrorKind.NotSupported)
        {
            Assert.Skip(e.Message);
        }

        var node = Path.Combine(Path.GetTempPath(), $"gantry-test-kmsg-{Guid.NewGuid():N}");
        try
        {
            var process = Run($"mknod {node} c 1 11 && echo made; : < {node} && echo read; (: > {node}) 2>/dev/null || echo refused; head -c 1 /dev/zero > /dev/null && echo zero");
            Assert.Equal("made\nread\nrefused\nzero\n", process.StandardOutput.ReadToEnd());
            _cgroup.Update(new() { Devices = [new() { Allow = false, Access = "rwm" }] });
            process.WaitForExit();
            process = Run($"(: < {node}) 2>/dev/null || echo refused; : < /dev/null && echo null");
            Assert.Equal("refused\nnull\n", process.StandardOutput.ReadToEnd());
        }
        finally
        {
            File.Delete(node);
        }
    }
}
