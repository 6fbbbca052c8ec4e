using Gantry.Engine.Exec;
using Gantry.Engine.Planning;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;

namespace Gantry.Engine.Health;

/// <summary>Makes of a container's health check what its monitor needs. Pure.</summary>
/// <remarks>Source: moby daemon/health.go: cmdProbe and the defaults.</remarks>
public static class HealthPlan
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_startInterval = TimeSpan.FromSeconds(5);
    private const int Retries = 3;

    /// <summary>The words that a probe runs; null: there is no health check, or it is switched off.</summary>
    public static IReadOnlyList<string>? CommandOf(ContainerConfig config) => config.Healthcheck?.Test switch
    {
        ["CMD", _, ..] words => [.. words.Skip(1)],
        ["CMD-SHELL", _, ..] words => [.. config.Shell is { Count: > 0 } shell ? shell : ["/bin/sh", "-c"], .. words.Skip(1)],
        _ => null,
    };

    /// <summary>How to probe; null: not at all.</summary>
    /// <param name="config">The container's, merged with its image's.</param>
    /// <param name="process">The container's process: a probe runs with its user, environment and directory.</param>
    /// <param name="facts">The machine.</param>
    public static MonitorHealthSpec? Of(ContainerConfig config, RuntimeProcess process, HostFacts facts)
    {
        if (CommandOf(config) is not { } command)
            return null;
        var check = config.Healthcheck!;
        return new MonitorHealthSpec
        {
            Process = ExecPlanner.Plan(new ExecCreateSpec { Cmd = command }, process, null, facts),
            Interval = Time(check.Interval, s_interval),
            Timeout = Time(check.Timeout, s_timeout),
            StartPeriod = Time(check.StartPeriod, TimeSpan.Zero),
            StartInterval = Time(check.StartInterval, s_startInterval),
            Retries = check.Retries is { } retries and > 0 ? (int)Math.Min(retries, int.MaxValue) : Retries,
        };
    }

    private static TimeSpan Time(long? nanoseconds, TimeSpan otherwise) => nanoseconds is > 0 ? TimeSpan.FromTicks(nanoseconds.Value / 100) : otherwise;
}
