using Gantry.Engine.Containers;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Containers;

public sealed class StatusTextTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0.2, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(2.9, "2 seconds")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(119, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(3540, "59 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(5400, "2 hours")]
    [InlineData(47 * 3600, "47 hours")]
    [InlineData(48 * 3600, "2 days")]
    [InlineData(14 * 86400, "2 weeks")]
    [InlineData(60 * 86400, "2 months")]
    [InlineData(800 * 86400, "2 years")]
    public void SaysLengthsAsDockerDoes(double seconds, string words) => Assert.Equal(words, StatusText.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("created", "Created")]
    [InlineData("running", "Up 5 minutes")]
    [InlineData("paused", "Up 5 minutes (Paused)")]
    [InlineData("exited", "Exited (3) 2 minutes ago")]
    [InlineData("restarting", "Restarting (3) 2 minutes ago")]
    [InlineData("dead", "Dead")]
    [InlineData("removing", "Removal In Progress")]
    public void SaysTheState(string status, string words) =>
        Assert.Equal(words, StatusText.Of(status, s_now.AddMinutes(-5), s_now.AddMinutes(-2), 3, null, s_now));

    [Theory]
    [InlineData("healthy", "Up 5 minutes (healthy)")]
    [InlineData("starting", "Up 5 minutes (health: starting)")]
    [InlineData("none", "Up 5 minutes")]
    public void SaysTheHealth(string health, string words) => Assert.Equal(words, StatusText.Of("running", s_now.AddMinutes(-5), null, 0, health, s_now));
}
