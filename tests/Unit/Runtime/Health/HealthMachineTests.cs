using Gantry.Model.Monitor;
using Gantry.Model.Oci;
using Gantry.Runtime.Health;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Health;

public sealed class HealthMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void BecomesUnhealthyAfterTheRetriesAndHealthyAtOnce()
    {
        var machine = Machine(startPeriod: 0);
        Assert.Equal(HealthWords.Starting, machine.Take(Probe(1, 1)).Status);
        Assert.Equal(HealthWords.Starting, machine.Take(Probe(2, 7)).Status);
        var third = machine.Take(Probe(3, -1));
        Assert.Equal((HealthWords.Unhealthy, 3), (third.Status, third.FailingStreak));
        Assert.Equal(4, machine.Take(Probe(4, 1)).FailingStreak);
        var well = machine.Take(Probe(5, 0));
        Assert.Equal((HealthWords.Healthy, 0), (well.Status, well.FailingStreak));
        Assert.Equal(HealthWords.Healthy, machine.Take(Probe(6, 1)).Status);
    }

    [Fact]
    public void TheStartPeriodForgivesUntilTheFirstSuccess()
    {
        var machine = Machine(startPeriod: 10);
        Assert.Equal(0, machine.Take(Probe(9, 1)).FailingStreak);
        Assert.Equal(1, machine.Take(Probe(10, 1)).FailingStreak);

        machine = Machine(startPeriod: 10);
        machine.Take(Probe(1, 0));
        Assert.Equal(1, machine.Take(Probe(2, 1)).FailingStreak);
    }

    [Fact]
    public void TheStartPeriodHasAnIntervalOfItsOwn()
    {
        var machine = Machine(startPeriod: 10);
        Assert.Equal(2, machine.WaitFrom(Start.AddSeconds(9)).TotalSeconds);
        Assert.Equal(30, machine.WaitFrom(Start.AddSeconds(10)).TotalSeconds);
        machine.Take(Probe(1, 0));
        Assert.Equal(30, machine.WaitFrom(Start.AddSeconds(2)).TotalSeconds);
    }

    [Fact]
    public void TheLastFiveResultsAreKept()
    {
        var machine = Machine(startPeriod: 0);
        for (var i = 1; i <= 7; i++)
            Assert.Equal([i], machine.Take(Probe(i, i)).Log.Select(probe => probe.ExitCode));
        Assert.Equal([3, 4, 5, 6, 7], machine.Health.Log.Select(probe => probe.ExitCode));
    }

    [Fact]
    public void OutputIsCutAtFourKibibytes()
    {
        var output = new ProbeOutput();
        output.Write(new byte[4096], isStderr: false);
        Assert.Equal(4096, output.ToString().Length);
        output.Write("x"u8, isStderr: true);
        Assert.Equal(4099, output.ToString().Length);
        Assert.EndsWith("\0...", output.ToString(), StringComparison.Ordinal);
    }

    private static HealthMachine Machine(int startPeriod) => new(
        new MonitorHealthSpec
        {
            Process = new RuntimeProcess { Args = ["true"], Cwd = "/" },
            Interval = TimeSpan.FromSeconds(30),
            Timeout = TimeSpan.FromSeconds(30),
            StartPeriod = TimeSpan.FromSeconds(startPeriod),
            StartInterval = TimeSpan.FromSeconds(2),
            Retries = 3,
        },
        Start);

    private static MonitorProbe Probe(int second, int exitCode) => new(Start.AddSeconds(second), Start.AddSeconds(second), exitCode, "");
}
