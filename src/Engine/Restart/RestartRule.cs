using Gantry.Engine.Health;
using Gantry.Model.Api;

namespace Gantry.Engine.Restart;

/// <summary>Whether and when a container that has ended is started again. Pure.</summary>
/// <remarks>Source: moby daemon/internal/restartmanager.</remarks>
public static class RestartRule
{
    /// <summary>The wait before the first restart.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    /// <summary>A container that ran this long starts over with the first delay.</summary>
    public static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    /// <summary>Whether to start it again.</summary>
    /// <param name="policy">The container's.</param>
    /// <param name="exitCode">How it ended.</param>
    /// <param name="stoppedByHand">Whether somebody asked for the end.</param>
    /// <param name="restarts">How often it was restarted already.</param>
    /// <param name="unhealthy">Whether the engine has ended it because it was unhealthy.</param>
    public static bool Wants(RestartPolicy? policy, int exitCode, bool stoppedByHand, int restarts, bool unhealthy = false)
    {
        if (stoppedByHand)
            return false;
        return policy?.Name switch
        {
            "always" or "unless-stopped" => true,
            HealthWatch.ReplacePolicy when unhealthy => policy.MaximumRetryCount is null or 0 || restarts < policy.MaximumRetryCount,
            "on-failure" or HealthWatch.ReplacePolicy => exitCode != 0 && (policy.MaximumRetryCount is null or 0 || restarts < policy.MaximumRetryCount),
            _ => false,
        };
    }

    /// <summary>Whether a new engine starts it: after a reboot nothing runs, and a policy says what should.</summary>
    /// <param name="policy">The container's.</param>
    /// <param name="exitCode">How it ended last.</param>
    /// <param name="stoppedByHand">Whether somebody had asked for the end.</param>
    /// <param name="restarts">How often it was restarted already.</param>
    public static bool WantsAtStartUp(RestartPolicy? policy, int exitCode, bool stoppedByHand, int restarts) =>
        policy?.Name == "always" || Wants(policy, exitCode, stoppedByHand, restarts);

    /// <summary>How long to wait before the next start.</summary>
    /// <param name="previous">The wait before the last one; zero when there was none.</param>
    /// <param name="ran">How long it ran.</param>
    public static TimeSpan NextDelay(TimeSpan previous, TimeSpan ran)
    {
        if (previous == TimeSpan.Zero || ran >= LongEnough)
            return FirstDelay;
        var doubled = previous * 2;
        return doubled < LongestDelay ? doubled : LongestDelay;
    }
}
