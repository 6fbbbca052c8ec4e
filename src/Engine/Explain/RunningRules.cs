using Gantry.Engine.Containers;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Gantry.Network.Ports;

namespace Gantry.Engine.Explain;

/// <summary>What is wrong with a container that runs, or is to run again.</summary>
internal static class RunningRules
{
    public static ContainerFinding? Paused(ContainerFacts facts) => facts.Run.Status == ContainerStatus.Paused
        ? Finding.Of("paused", "It is paused: its processes are frozen.", $"gantry unpause {facts.Record.Name}")
        : null;

    public static ContainerFinding? RestartLoop(ContainerFacts facts) =>
        facts.Run is { Status: ContainerStatus.Restarting } or { Restarts: >= 3, FinishedAt: not null } && facts.Run.Restarts > 0
            ? Finding.Of("restart-loop", $"Its restart policy has started it again {facts.Run.Restarts} times; the last run ended with exit code {facts.Run.ExitCode}.", $"What else is found here is why; gantry update --restart no {facts.Record.Name} ends the loop.")
            : null;

    public static ContainerFinding? Unhealthy(ContainerFacts facts)
    {
        if (facts.Run.Health is not { Status: HealthWords.Unhealthy, Log: [.., { } last] } health)
            return null;
        var said = last.Output.Trim();
        if (last.ExitCode == 127 || said.Contains("not found", StringComparison.Ordinal))
            return Finding.Of("health-command-missing", $"Its health check calls a command that is not in the image: {FirstLine(said)}.", "Install it (curl and wget are often missing), or check with what the image has.");
        return last.ExitCode < 0
            ? Finding.Of("health-timeout", $"Its health check does not end in time: {FirstLine(said)}.", "Give it more time (--health-timeout), or a while to start (--health-start-period).")
            : Finding.Of("unhealthy", $"Its health check failed {health.FailingStreak} times in a row, the last time with exit code {last.ExitCode}{(said.Length > 0 ? $": {FirstLine(said)}" : "")}.", $"gantry exec {facts.Record.Name} runs the same command by hand; --health-start-period gives it time to start.");
    }

    public static ContainerFinding? PublishedPort(ContainerFacts facts)
    {
        if (facts.Run.Status != ContainerStatus.Running || facts.Listeners is not { } listeners || facts.Record.Attachment?.Ports is not { Count: > 0 } ports)
            return null;
        foreach (var port in ports)
        {
            var own = listeners.Where(l => l.Protocol == port.Protocol).ToList();
            var here = own.Where(l => l.Port == port.ContainerPort).ToList();
            if (here.Count > 0 && here.All(l => l.IsLocal))
                return Finding.Of("local-address", $"What listens on port {port.ContainerPort} listens on {here[0].Address} alone, where only the container itself can reach it; the port is published as {Host(port)}.", "Have it listen on 0.0.0.0: many servers have an option --host or --bind, or a variable HOST.");
            if (here.Count > 0)
                continue;
            var others = own.Where(l => !l.IsLocal).Select(l => l.Port).Distinct().Order().ToList();
            return others.Count > 0
                ? Finding.Of("other-port", $"Nothing listens on port {port.ContainerPort}/{port.Protocol}, which is published as {Host(port)}; something does on {string.Join(", ", others)}.", $"Publish that one: -p {port.HostPort}:{others[0]}.")
                : Finding.Of("nothing-listens", $"Nothing listens on port {port.ContainerPort}/{port.Protocol}, which is published as {Host(port)}.", $"It may still be starting: gantry logs {facts.Record.Name} tells. Otherwise look at the port that it is configured to use.");
        }

        return null;
    }

    public static ContainerFinding? LimitsReached(ContainerFacts facts) =>
        ContainerStatus.HasProcess(facts.Run.Status) && facts.Run.Oom is null && facts.Processes is { } count && facts.Record.HostConfig.PidsLimit is > 0 and var limit && count >= limit
            ? Finding.Of("pids-limit", $"It has {count} processes, as many as it may have: it cannot start another.", $"gantry top {facts.Record.Name} shows them; gantry update --pids-limit {limit * 4} {facts.Record.Name} allows more.")
            : null;

    public static ContainerFinding? NeverStarted(ContainerFacts facts) => facts.Run is { Status: ContainerStatus.Created, Error.Length: 0, StartedAt: null }
        ? Finding.Plain("never-started", "It was created, and has not been started yet.", $"gantry start {facts.Record.Name}")
        : null;

    private static string Host(PublishedPort port) => port.IsIPv6 ? $"[{port.HostAddress}]:{port.HostPort}" : $"{port.HostAddress}:{port.HostPort}";

    private static string FirstLine(string text) => text.Split('\n')[0].Trim().TrimEnd('.');
}
