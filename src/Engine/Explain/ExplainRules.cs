using Gantry.Model.Api;

namespace Gantry.Engine.Explain;

/// <summary>All rules, the likeliest reason first. A rule looks at the facts and finds one thing, or nothing.</summary>
internal static class ExplainRules
{
    private static readonly Func<ContainerFacts, ContainerFinding?>[] s_all =
    [
        StartRules.StartFailed,
        EndRules.OutOfMemory,
        LogRules.Find,
        EndRules.NothingToRead,
        EndRules.WentToTheBackground,
        EndRules.Signal,
        RunningRules.Paused,
        RunningRules.Unhealthy,
        RunningRules.PublishedPort,
        RunningRules.LimitsReached,
        RunningRules.RestartLoop,
        RunningRules.NeverStarted,
    ];

    /// <summary>What is wrong; the exit code in words when nothing else is found.</summary>
    public static IReadOnlyList<ContainerFinding> Apply(ContainerFacts facts)
    {
        var found = s_all.Select(rule => rule(facts)).OfType<ContainerFinding>().ToList();
        if (found.Count == 0 && EndRules.ExitCode(facts) is { } code)
            found.Add(code);
        return found;
    }
}
