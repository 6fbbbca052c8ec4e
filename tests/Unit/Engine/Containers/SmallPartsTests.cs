using Gantry.Engine.Containers;
using Gantry.Kernel.Abi;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Mounts;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Containers;

public sealed class SmallPartsTests
{
    [Theory]
    [InlineData("9", 9)]
    [InlineData("KILL", 9)]
    [InlineData("SIGTERM", 15)]
    [InlineData("sigusr1", 10)]
    [InlineData("RTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    public void ReadsSignals(string text, int number) => Assert.Equal(number, Signals.Parse(text));

    [Theory]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("SIGFOO")]
    [InlineData("RTMIN+16")]
    [InlineData("")]
    public void RefusesWhatIsNoSignal(string text) => Assert.Equal($"invalid signal: {text}", Assert.Throws<GantryException>(() => Signals.Parse(text)).Message);

    [Fact]
    public void ReadsTheMasksOfAProcess()
    {
        var masks = ProcessSignals.Parse("Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000004002\n")!;
        Assert.True(masks.Blocks(1));
        Assert.False(masks.Blocks(15));
        Assert.True(masks.Catches(15));
        Assert.True(masks.Catches(2));
        Assert.False(masks.Catches(1));
        Assert.Null(ProcessSignals.Parse("Name:\tx\n"));
        Assert.Null(ProcessSignals.Read(int.MaxValue));
    }

    [Fact]
    public void SeesWhoWaitsForSignals()
    {
        Assert.True(ProcessSignals.IsSigwait($"{Gantry.Kernel.Abi.SyscallNumbers.RtSigtimedwait} 0x7ffd 0x0 0x0 0x8 0x0 0x0 0x7ffd 0x7f"));
        Assert.False(ProcessSignals.IsSigwait("running"));
        Assert.False(ProcessSignals.IsSigwait("1 0x7ffd 0x0 0x0 0x8 0x0 0x0 0x7ffd 0x7f"));
        Assert.False(ProcessSignals.Awaits(int.MaxValue));
    }

    [Fact]
    public void SeesThatPlainProcessesCatchNothing() => Assert.NotNull(ProcessSignals.Read(Environment.ProcessId));

    [Theory]
    [InlineData("", new byte[] { 16, 17 })]
    [InlineData(null, new byte[] { 16, 17 })]
    [InlineData("ctrl-a", new byte[] { 1 })]
    [InlineData("ctrl-@,x,ctrl-_", new byte[] { 0, (byte)'x', 31 })]
    public void ReadsDetachKeys(string? keys, byte[] bytes) => Assert.Equal(bytes, DetachKeySequence.Parse(keys).ToArray());

    [Fact]
    public void RefusesDetachKeysThatAreNone() => Assert.Throws<GantryException>(() => DetachKeySequence.Parse("ctrl-1"));

    [Fact]
    public void ExpandsPorts()
    {
        Assert.Equal([(80, "tcp")], PortSpec.Expand("80"));
        Assert.Equal([(53, "udp"), (54, "udp")], PortSpec.Expand("53-54/UDP"));
        foreach (var wrong in (string[])["", "0", "80/foo", "90-80", "1-2-3", "65536", "-1"])
            Assert.Throws<GantryException>(() => PortSpec.Expand(wrong));
    }

    [Fact]
    public void AViewHasTheWritableLayerOnTop()
    {
        var options = RootfsView.Options(new RootfsMount
        {
            Type = "overlay",
            Source = "overlay",
            Options = ["lowerdir=l2:l1", "upperdir=up", "workdir=work", "volatile", "index=off", "rw"],
        });
        Assert.Equal(["lowerdir=up:l2:l1", "index=off"], options);
    }

    [Theory]
    [InlineData(LaunchStage.Exec, Errno.ENOENT, 127)]
    [InlineData(LaunchStage.Exec, Errno.ENOTDIR, 127)]
    [InlineData(LaunchStage.Exec, Errno.EACCES, 126)]
    [InlineData(LaunchStage.Exec, Errno.ENOEXEC, 126)]
    [InlineData(LaunchStage.Rootfs, Errno.ENOENT, 128)]
    public void AFailedStartHasDockersExitCodes(LaunchStage stage, int errno, int code) => Assert.Equal(code, StartContainer.ExitCodeOf(new LaunchFailure(stage, errno)));

    [Fact]
    public void EveryStateCanBeLeft()
    {
        foreach (var status in ContainerStatus.All)
            Assert.Contains(ContainerStatus.All, to => to != status && ContainerTransitions.Allows(status, to));
        Assert.False(ContainerTransitions.Allows(ContainerStatus.Exited, ContainerStatus.Paused));
        Assert.Throws<GantryException>(() => ContainerTransitions.Check(ContainerId.New(), ContainerStatus.Created, ContainerStatus.Paused));
    }
}
