using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Health;

/// <summary>Takes the results of health probes from the monitors: state, events, and the end of the unhealthy where that is wanted.</summary>
internal sealed class HealthWatch(EngineParts parts)
{
    /// <summary>The restart policy that also replaces a container that has become unhealthy; an extension of Docker's.</summary>
    public const string ReplacePolicy = "on-unhealthy";

    /// <summary>Ends a container whose policy then starts it again; set once all operations exist.</summary>
    public Func<Container, CancellationToken, Task>? Replace { get; set; }

    /// <summary>Listens to a container's monitor, from before its start on.</summary>
    public void Listen(Container container, MonitorClient monitor)
    {
        if (HealthPlan.CommandOf(container.Record.Config) is not { } command)
            return;
        var words = ContainerEvents.Words(command);
        monitor.ProbeStarted = execId =>
        {
            parts.Publish(container.Record, $"exec_create: {words}", ("execID", execId));
            parts.Publish(container.Record, $"exec_start: {words}", ("execID", execId));
        };
        monitor.ProbeEnded = end =>
        {
            if (end.ProcessExit is { } code)
                parts.Publish(container.Record, "exec_die", ("execID", end.ExecId), ("exitCode", ContainerEvents.Number(code)));
            Take(container, end.Health);
        };
    }

    /// <summary>Takes over what a monitor found while there was no engine.</summary>
    public void Adopt(Container container, MonitorClient monitor, MonitorHealth? found)
    {
        Listen(container, monitor);
        if (found is not null)
            Take(container, found);
    }

    private void Take(Container container, MonitorHealth told)
    {
        var before = container.Run.Health?.Status;
        // NOTE: the row is written when the status changes. Results in between are the monitor's to remember: a hundred
        // containers make a hundred of them a second.
        container.UpdateRun(run => Merge(run, told), keep: before != told.Status);
        if (before == told.Status || container.Run.Status == ContainerStatus.Paused || !ContainerStatus.HasProcess(container.Run.Status))
            return;
        parts.Publish(container.Record, $"health_status: {told.Status}");
        if (told.Status == HealthWords.Unhealthy && container.Record.HostConfig.RestartPolicy?.Name == ReplacePolicy)
            _ = parts.Background.Start($"replace unhealthy container {container.Id.Short}", lifetime => ReplaceAsync(container, lifetime));
    }

    // A result may be on its way when the container is paused or ends.
    private static ContainerRun Merge(ContainerRun run, MonitorHealth told)
    {
        if (!ContainerStatus.HasProcess(run.Status))
            return run;
        var merged = HealthMerge.Take(run.Health, told);
        return run with { Health = run.Status == ContainerStatus.Paused ? HealthMerge.AtEnd(merged) : merged };
    }

    private async Task ReplaceAsync(Container container, CancellationToken lifetime)
    {
        try
        {
            parts.Logger.Notice($"container {container.Id.Short} is unhealthy: it is ended, and started again by its restart policy");
            await Replace!(container, lifetime);
        }
        catch (GantryException failure)
        {
            parts.Logger.RestartFailed(container.Id.Short, failure.Message);
        }
    }
}
