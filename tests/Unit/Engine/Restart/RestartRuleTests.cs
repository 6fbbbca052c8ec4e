using Gantry.Engine.Restart;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Restart;

public sealed class RestartRuleTests
{
    [Theory]
    [InlineData(null, 1, false, 0, false)]
    [InlineData("no", 1, false, 0, false)]
    [InlineData("always", 0, false, 100, true)]
    [InlineData("always", 0, true, 0, false)]
    [InlineData("unless-stopped", 1, false, 0, true)]
    [InlineData("on-failure", 0, false, 0, false)]
    [InlineData("on-failure", 1, false, 0, true)]
    [InlineData("on-failure", 1, true, 0, false)]
    public void DecidesByPolicy(string? policy, int exitCode, bool byHand, int restarts, bool wanted) =>
        Assert.Equal(wanted, RestartRule.Wants(policy is null ? null : new RestartPolicy { Name = policy }, exitCode, byHand, restarts));

    [Fact]
    public void CountsRetries()
    {
        var policy = new RestartPolicy { Name = "on-failure", MaximumRetryCount = 2 };
        Assert.True(RestartRule.Wants(policy, 1, false, 0));
        Assert.True(RestartRule.Wants(policy, 1, false, 1));
        Assert.False(RestartRule.Wants(policy, 1, false, 2));
    }

    [Fact]
    public void OnUnhealthyIsOnFailureAndMore()
    {
        var policy = new RestartPolicy { Name = "on-unhealthy", MaximumRetryCount = 2 };
        Assert.True(RestartRule.Wants(policy, 1, false, 0));
        Assert.False(RestartRule.Wants(policy, 0, false, 0));
        Assert.True(RestartRule.Wants(policy, 0, false, 1, unhealthy: true));
        Assert.False(RestartRule.Wants(policy, 0, false, 2, unhealthy: true));
        Assert.False(RestartRule.Wants(policy, 0, true, 0, unhealthy: true));
        Assert.False(RestartRule.Wants(new RestartPolicy { Name = "on-failure" }, 0, false, 0, unhealthy: true));
    }

    [Fact]
    public void AtStartUpAlwaysForgetsTheHand()
    {
        Assert.True(RestartRule.WantsAtStartUp(new RestartPolicy { Name = "always" }, 0, true, 0));
        Assert.False(RestartRule.WantsAtStartUp(new RestartPolicy { Name = "unless-stopped" }, 0, true, 0));
    }

    [Fact]
    public void WaitsTwiceAsLongEachTimeUpToAMinute()
    {
        var delay = TimeSpan.Zero;
        List<double> delays = [];
        for (var i = 0; i < 12; i++)
            delays.Add((delay = RestartRule.NextDelay(delay, TimeSpan.FromSeconds(1))).TotalSeconds);
        Assert.Equal([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60], delays);
        Assert.Equal(0.1, RestartRule.NextDelay(delay, TimeSpan.FromSeconds(10)).TotalSeconds);
    }
}
