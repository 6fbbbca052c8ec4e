using Gantry.Engine.Composition;
using Gantry.Engine.Exec;
using Gantry.Engine.Explain;
using Gantry.Engine.Health;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Engine.Restart;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Containers;

/// <summary>What happens when a container's first process has ended: record, event, clean-up, and restart or removal.</summary>
internal sealed class ExitHandler(EngineParts parts, ContainerNetwork network, SharedMemory shared, RemoveContainer removal, ExplainContainer explain, ExecTable execs)
{
    /// <summary>Starts a container again; set once all operations exist.</summary>
    public Func<Container, CancellationToken, Task>? Restart { get; set; }

    /// <summary>Waits for the end in the background.</summary>
    public void Watch(Container container, MonitorClient monitor) => parts.Background.Start($"watch container {container.Id.Short}", async lifetime =>
    {
        var exit = await monitor.WaitAsync(lifetime);
        await HandleAsync(container, exit, lifetime);
    });

    /// <summary>Handles the end of a run.</summary>
    public async Task HandleAsync(Container container, ContainerExit exit, CancellationToken lifetime)
    {
        using var passage = await container.Gate.EnterAsync(lifetime);
        await HandleHeldAsync(container, exit);
    }

    /// <summary>The same; the caller holds the gate.</summary>
    public async Task HandleHeldAsync(Container container, ContainerExit exit)
    {
        var before = container.Run;
        if (!ContainerStatus.HasProcess(before.Status))
            return;
        // Ports come first: a client that hears of the end may want them at once. The monitor holds their sockets.
        if (container.Ports is { Ports.Count: > 0 })
        {
            await CloseMonitorAsync(container);
            await network.WithdrawAsync(container);
        }
        var policy = container.Record.HostConfig.RestartPolicy;
        var again = !container.BeingRestarted && RestartRule.Wants(policy, exit.ExitCode, before.StoppedByHand, before.Restarts, container.EndedAsUnhealthy);
        container.EndedAsUnhealthy = false;
        container.UpdateRun(run => run with
        {
            Status = again ? ContainerStatus.Restarting : ContainerStatus.Exited,
            Pid = 0,
            ExitCode = exit.ExitCode,
            FinishedAt = exit.FinishedAt,
            OomKilled = run.OomKilled || exit.OomKilled,
            Health = HealthMerge.AtEnd(run.Health),
        });
        var record = container.Record;
        execs.ForgetNew(container.Id);
        parts.Logger.Ended(container.Id.Short, exit.ExitCode);
        if (exit.OomKilled && !before.OomKilled)
            parts.Publish(record, "oom");
        // In this order. Source: moby daemon/monitor.go, handleContainerExit.
        parts.PublishNetwork(record, "disconnect");
        parts.PublishVolumes(record, "unmount");
        parts.PublishDie(record);
        container.CompleteExit();
        if (!again && !container.BeingRestarted && record.HostConfig.AutoRemove == true)
        {
            await explain.KeepAsync(container, parts.Background.Lifetime);
            await removal.RemoveHeldAsync(container, volumes: true);
            return;
        }
        await ReleaseAsync(container);
        if (again)
            RestartLater(container, exit.FinishedAt - before.StartedAt ?? TimeSpan.Zero);
    }

    /// <summary>Ends the monitor and disconnects the network of a container that has ended.</summary>
    public async Task ReleaseAsync(Container container)
    {
        await CloseMonitorAsync(container);
        await network.DetachAsync(container);
        shared.Release(container.Id);
        container.Process = null;
        if (container.Record.Attachment is not null)
            container.Update(record => record with { Attachment = null });
    }

    private async Task CloseMonitorAsync(Container container)
    {
        if (container.Monitor is { } monitor)
        {
            container.Monitor = null;
            await monitor.CloseAsync(parts.Background.Lifetime);
            await monitor.DisposeAsync();
        }
        // Also of a monitor that was killed, and swept up after: its directory told of the end until the row did.
        parts.Monitors.RemoveDirectory(container.Id);
    }

    /// <summary>Starts it again after the wait that its policy asks for.</summary>
    public void RestartLater(Container container, TimeSpan ran)
    {
        var delay = RestartRule.NextDelay(container.LastDelay, ran);
        container.LastDelay = delay;
        var backOff = CancellationTokenSource.CreateLinkedTokenSource(parts.Background.Lifetime);
        container.BackOff?.Dispose();
        container.BackOff = backOff;
        _ = parts.Background.Start($"restart container {container.Id.Short}", async lifetime =>
        {
            try
            {
                await Task.Delay(delay, parts.Time, backOff.Token);
            }
            catch (OperationCanceledException)
            {
                return; // stopped, removed, or started by hand meanwhile
            }
            try
            {
                await Restart!(container, lifetime);
            }
            catch (Model.GantryException failure)
            {
                parts.Logger.RestartFailed(container.Id.Short, failure.Message);
            }
        });
    }
}
