using Gantry.Engine.Health;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Health;

public sealed class HealthPlanTests
{
    [Fact]
    public void TestWordsBecomeACommand()
    {
        Assert.Equal(["curl", "-f", "x"], HealthPlan.CommandOf(With("CMD", "curl", "-f", "x")));
        Assert.Equal(["/bin/sh", "-c", "a || b"], HealthPlan.CommandOf(With("CMD-SHELL", "a || b")));
        Assert.Equal(["bash", "-ec", "a"], HealthPlan.CommandOf(With("CMD-SHELL", "a") with { Shell = ["bash", "-ec"] }));
        Assert.Null(HealthPlan.CommandOf(With("NONE")));
        Assert.Null(HealthPlan.CommandOf(With()));
        Assert.Null(HealthPlan.CommandOf(new ContainerConfig()));
    }

    [Fact]
    public void ResultsToldTwiceCountOnce()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        MonitorHealth Told(params int[] seconds) => new()
        {
            Status = HealthWords.Healthy,
            Log = [.. seconds.Select(second => new MonitorProbe(start.AddSeconds(second), start, second, ""))],
        };
        var merged = HealthMerge.Take(HealthMerge.Take(Told(1, 2, 3), Told(2, 3, 4, 5, 6)), Told(7));
        Assert.Equal([3, 4, 5, 6, 7], merged.Log.Select(probe => probe.ExitCode));
        Assert.Equal((HealthWords.Starting, 0, 5), (HealthMerge.AtStart(merged).Status, HealthMerge.AtStart(merged).FailingStreak, HealthMerge.AtStart(merged).Log.Count));
        Assert.Equal(HealthWords.Unhealthy, HealthMerge.AtEnd(merged)!.Status);
        Assert.Null(HealthMerge.AtEnd(null));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(0.0000015, "1.5µs")]
    [InlineData(0.25, "250ms")]
    [InlineData(1.5, "1.5s")]
    [InlineData(90, "1m30s")]
    [InlineData(3600, "1h0m0s")]
    [InlineData(-200000.1, "-55h33m20.1s")]
    public void DurationsReadAsInGo(double seconds, string text) => Assert.Equal(text, GoDuration.Format(TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))));

    private static ContainerConfig With(params string[] test) => new() { Healthcheck = new HealthConfig { Test = test } };
}
