using Gantry.Engine.Containers;
using Gantry.Engine.Exec;
using Gantry.Engine.Operations;
using Gantry.Engine.Restart;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Network.Bridge;

namespace Gantry.Engine.Composition;

/// <summary>
/// At the engine's start: brings rows, monitors, interfaces and directories together again. What runs is taken over, what
/// has ended is recorded, what has no owner is freed. There is no other recovery.
/// </summary>
internal sealed class Reconciliation(EngineParts parts, ContainerOperations containers, ExecOperations execs)
{
    private readonly List<(Container Container, ContainerExit Exit)> _ended = [];
    private readonly List<(Container Container, MonitorState State)> _live = [];
    private readonly List<Container> _doomed = [];

    /// <summary>Reconciles everything; containers that their policy wants are started in the background.</summary>
    public async Task RunAsync(CancellationToken lifetime)
    {
        foreach (var record in parts.Rows.All())
        {
            var container = new Container(record, parts.Rows);
            parts.Containers.Reserve(record.Name, record.Id);
            parts.Containers.Add(container);
            await TryAsync(container, () => FindAsync(container, lifetime));
        }
        await AdoptNetworksAsync(lifetime);
        foreach (var (container, state) in _live)
            TakeOver(container, state);
        // Before anything is removed: what a removal leaves to the background has no row either.
        await new Orphans(parts).FreeAsync(lifetime);
        foreach (var container in _doomed)
        {
            if (!await TryRemoveAsync(container))
                _ = parts.Background.Start($"remove container {container.Id.Short}", later => RemoveLaterAsync(container, later));
        }

        foreach (var (container, exit) in _ended)
            await TryAsync(container, () => containers.Exits.HandleAsync(container, exit, lifetime));
        containers.Shared.ReleaseStale();
        RestartWanted();
    }

    /// <summary>One container that cannot be found out about, or freed, is no reason for all others to be without an engine.</summary>
    private async Task TryAsync(Container container, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception failure) when (failure is GantryException or SyscallException or IOException or UnauthorizedAccessException)
        {
            parts.Logger.NotReconciled(container.Id.Short, failure.Message);
            container.UpdateRun(run => run with { Status = ContainerStatus.Exited, Pid = 0, ExitCode = ContainerExit.UnseenExitCode, Error = failure.Message });
            _ = parts.Background.Start($"sweep up after container {container.Id.Short}", lifetime => SweepLaterAsync(container, lifetime));
        }
    }

    private Task SweepLaterAsync(Container container, CancellationToken lifetime) => Retry.LaterAsync(parts.Time, async () =>
    {
        using var passage = await container.Gate.EnterAsync(lifetime);
        if (ContainerStatus.HasProcess(container.Run.Status))
            return true; // started anew: with that its remains were removed
        try
        {
            await parts.Monitors.SweepAsync(container.Id, lifetime);
            await containers.Exits.ReleaseAsync(container);
            return true;
        }
        catch (GantryException failure)
        {
            parts.Logger.NotReconciled(container.Id.Short, failure.Message);
            return false;
        }
    }, lifetime);

    /// <summary>Goes on with a removal that an earlier engine began; false: not now. The container is then dead, as with moby: it can only be removed.</summary>
    private async Task<bool> TryRemoveAsync(Container container)
    {
        try
        {
            await containers.Removal.RemoveHeldAsync(container, volumes: false);
            return true;
        }
        catch (Exception failure) when (failure is GantryException or SyscallException or IOException or UnauthorizedAccessException)
        {
            parts.Logger.NotReconciled(container.Id.Short, failure.Message);
            container.UpdateRun(run => run with { Status = ContainerStatus.Dead, Pid = 0, Error = failure.Message });
            return false;
        }
    }

    private Task RemoveLaterAsync(Container container, CancellationToken lifetime) => Retry.LaterAsync(parts.Time, async () =>
    {
        using var passage = await container.Gate.EnterAsync(lifetime);
        return parts.Containers.Find(container.Id) is null || await TryRemoveAsync(container);
    }, lifetime);

    /// <summary>Finds out what became of a container.</summary>
    private async Task FindAsync(Container container, CancellationToken lifetime)
    {
        if (container.Run.Status is ContainerStatus.Removing or ContainerStatus.Dead)
        {
            await parts.Monitors.SweepAsync(container.Id, lifetime);
            _doomed.Add(container);
            return;
        }
        var monitor = await parts.Monitors.ReconnectAsync(container.Id, lifetime);
        if (monitor is not null)
        {
            var state = await monitor.GetStateAsync(lifetime);
            switch (state.Status)
            {
                case MonitorStatus.Running or MonitorStatus.Paused:
                    container.Monitor = monitor;
                    _live.Add((container, state));
                    return;
                case MonitorStatus.Exited when state.Exit is not null:
                    container.Monitor = monitor;
                    MarkRun(container, state);
                    _ended.Add((container, state.Exit));
                    return;
                default:
                    // The engine ended in the middle of a start: as if it had not begun.
                    await monitor.CloseAsync(lifetime);
                    await monitor.DisposeAsync();
                    break;
            }
        }
        if (ContainerStatus.HasProcess(container.Run.Status))
        {
            _ended.Add((container, await parts.Monitors.SweepAsync(container.Id, lifetime) ?? ContainerExit.Unseen(parts.Time.GetUtcNow())));
            return;
        }
        if (Directory.Exists(parts.Monitors.DirectoryOf(container.Id)))
        {
            await parts.Monitors.SweepAsync(container.Id, lifetime);
            parts.Monitors.RemoveDirectory(container.Id);
        }
        if (container.Record.Attachment is not null)
            container.Update(record => record with { Attachment = null });
    }

    /// <summary>A run that the row does not know of: the engine ended between the start and its record.</summary>
    private static void MarkRun(Container container, MonitorState state)
    {
        if (ContainerStatus.HasProcess(container.Run.Status))
            return;
        container.UpdateRun(run => run with { Status = ContainerStatus.Running, Pid = state.Pid, StartedAt = state.StartedAt, Error = "" });
    }

    private async Task AdoptNetworksAsync(CancellationToken lifetime)
    {
        List<Container> attached = [.. _live.Select(l => l.Container).Where(c => c.Record.Attachment is not null)];
        var adopted = await parts.Bridge.ReconcileAsync(
            [.. attached.Select(c => new LiveEndpoint(c.Record.Attachment!.Endpoint, c.Run.Pid, c.Record.Attachment.Ports))],
            lifetime);
        for (var i = 0; i < attached.Count; i++)
        {
            attached[i].Endpoint = adopted[i].Endpoint;
            attached[i].Ports = adopted[i].Ports;
        }
    }

    private void TakeOver(Container container, MonitorState state)
    {
        MarkRun(container, state);
        var status = state.Status == MonitorStatus.Paused ? ContainerStatus.Paused : ContainerStatus.Running;
        if (container.Run.Status != status || container.Run.Pid != state.Pid)
            container.UpdateRun(run => run with { Status = status, Pid = state.Pid });
        execs.Adopt(container, state);
        containers.Memory.Listen(container, container.Monitor!);
        containers.Health.Adopt(container, container.Monitor!, state.Health);
        containers.Exits.Watch(container, container.Monitor!);
    }

    /// <summary>What a policy wants running and is not: after a reboot, or when the engine ended while it waited.</summary>
    private void RestartWanted()
    {
        foreach (var container in parts.Containers.All)
        {
            var run = container.Run;
            if (run.Status == ContainerStatus.Restarting && container.BackOff is null)
            {
                containers.Exits.RestartLater(container, TimeSpan.Zero);
                continue;
            }
            if (run.Status != ContainerStatus.Exited || !RestartRule.WantsAtStartUp(container.Record.HostConfig.RestartPolicy, run.ExitCode, run.StoppedByHand, run.Restarts))
                continue;
            _ = parts.Background.Start($"start container {container.Id.Short}", async lifetime =>
            {
                try
                {
                    await containers.Start.RunAsync(container, lifetime);
                }
                catch (GantryException failure)
                {
                    parts.Logger.RestartFailed(container.Id.Short, failure.Message);
                }
            });
        }
    }
}
