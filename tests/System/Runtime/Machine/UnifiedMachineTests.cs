using System.Text.Json;
using Xunit;

namespace Gantry.Tests.System.Runtime.Machine;

/// <summary>cgroup version 2 with every controller, which no machine with version 1 mounted can show: a virtual machine does.</summary>
public sealed class UnifiedMachineTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    [Fact]
    public void TheMachineHasEveryController()
    {
        Assert.Equal("cpuset cpu io memory hugetlb pids rdma misc\n", machine["controllers"]);
        Assert.Contains("Power down", machine["end"], StringComparison.Ordinal);
    }

    [Fact]
    public void EveryLimitIsSet() => Assert.Equal(
        """
        memory.max=67108864
        memory.swap.max=33554432
        memory.low=33554432
        memory.high=62914560
        cpu.weight=59
        cpu.max=50000 100000
        cpu.max.burst=10000
        cpuset.cpus=1
        cpuset.mems=0
        pids.max=40
        io.max=1:0 rbps=1048576 wbps=max riops=max wiops=50
        io.weight=default 4950
        hugetlb.2MB.max=4194304

        """,
        machine["limits"]);

    [Fact]
    public void AContainerSeesItsOwnCgroupAndCannotChangeIt() =>
        Assert.Equal("0::/\n67108864\n1\nmkdir: can't create directory '/sys/fs/cgroup/x': Read-only file system\n", machine["inside"]);

    [Fact]
    public void AnExecutedProcessIsInTheContainersCgroup() => Assert.Equal("1\n", machine["exec"]);

    [Fact]
    public void DevicesAreRestrictedByAProgramThatAnUpdateReplaces()
    {
        Assert.Equal("made\nsh: can't open /tmp/kmsg: Operation not permitted\nread\nnull\nsh: can't create /tmp/ram: Operation not permitted\n", machine["devices"]);
        Assert.Equal("null\nsh: can't open /tmp/ram: Operation not permitted\n", machine["devices-updated"]);
    }

    [Fact]
    public void LimitsOfARunningContainerChange() => Assert.Equal(
        """
        memory.max=134217728
        memory.swap.max=33554432
        cpu.weight=100
        cpu.max=20000 100000
        cpuset.cpus=0
        pids.max=50

        """,
        machine["update"]);

    [Fact]
    public void StatsAreRead()
    {
        var data = JsonDocument.Parse(machine["stats"]).RootElement.GetProperty("data");
        Assert.True(data.GetProperty("cpu").GetProperty("usage").GetProperty("total").GetUInt64() > 0);
        Assert.InRange(data.GetProperty("memory").GetProperty("usage").GetProperty("usage").GetUInt64(), 1u, 134217728u);
        Assert.Equal(134217728u, data.GetProperty("memory").GetProperty("usage").GetProperty("limit").GetUInt64());
        Assert.Equal((2, 50), (data.GetProperty("pids").GetProperty("current").GetInt32(), data.GetProperty("pids").GetProperty("limit").GetInt32()));
    }

    [Fact]
    public void FreezesThawsKillsAndLeavesNothing()
    {
        Assert.Equal("frozen 1\n  \"status\": \"paused\",\n", machine["pause"]);
        Assert.Equal("frozen 0\n  \"status\": \"running\",\n", machine["resume"]);
        Assert.Equal("", machine["kill"]);
        Assert.Equal("ls: /sys/fs/cgroup/test/limits: No such file or directory\n", machine["delete"]);
        Assert.Equal("ls: /sys/fs/cgroup/test/limits: No such file or directory\n", machine["paused-delete"]);
        Assert.Equal("", machine["left"]);
    }

    [Fact]
    public void AnIdleContainerAndUnlimitedSwap() => Assert.Equal("1\nmax\n", machine["idle"]);

    [Fact]
    public void EveryCgroupAboveHandsItsControllersDown() => Assert.Equal("7\n", machine["deep"]);

    [Fact]
    public void TheNumberOfProcessesIsLimited() => Assert.Contains("can't fork: Resource temporarily unavailable", machine["forks"], StringComparison.Ordinal);

    [Fact]
    public void AKillForMemoryIsNoticed() => Assert.Equal("\"type\":\"oom\"\noom_kill 1\nexit 137\n", machine["oom"]);

    [Fact]
    public void WhatVersion2DoesNotHaveIsRefused()
    {
        Assert.Equal("resources.unified names \"../memory.max\", which is not a limit like memory.high\n", machine["refused-raw"]);
        Assert.Equal("memory.swappiness is a limit of cgroup version 1, and this host has version 2: leave it out\n", machine["refused-swappiness"]);
        Assert.Equal("a limit of memory and swap needs a memory limit in cgroup version 2: set the memory limit, too\n", machine["refused-swap"]);
    }
}
