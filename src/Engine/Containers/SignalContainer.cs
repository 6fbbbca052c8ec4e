using Gantry.Engine.Composition;
using Gantry.Engine.Operations;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Health;
using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>Small operations on running containers: kill, pause, unpause, resize; and rename.</summary>
internal sealed class SignalContainer(EngineParts parts)
{
    /// <summary>Sends a signal to the first process.</summary>
    /// <remarks>As in moby, a kill that can end the container counts as an end by hand only for SIGKILL and its own stop signal.</remarks>
    public async Task KillAsync(Container container, string name, string? signal, CancellationToken requested)
    {
        var number = SignalOf(name, signal);
        Task? exit = null;
        using (await container.Gate.EnterAsync(requested))
        {
            if (!ContainerStatus.HasProcess(container.Run.Status))
            {
                if (container.Run.Status != ContainerStatus.Restarting)
                    throw ContainerErrors.CannotKill(name, container.Id);
                container.BackOff?.Cancel();
                container.UpdateRun(run => run with { Status = ContainerStatus.Exited, StoppedByHand = true });
                return;
            }
            var stops = number == Signals.Kill || number == StopSignalOf(container.Record);
            if (stops)
            {
                exit = container.NextExit;
                container.UpdateRun(run => run with { StoppedByHand = true });
            }
            if (number == Signals.Kill)
                await container.Monitor!.KillAllAsync(requested);
            else
                await container.Monitor!.KillAsync(number, requested);
            parts.Publish(container.Record, "kill", ("signal", ContainerEvents.Number(number)));
        }
        // moby answers a SIGKILL when the container has ended.
        if (number == Signals.Kill && exit is not null)
            await exit.WaitAsync(TimeSpan.FromSeconds(10), parts.Time, requested);
    }

    public async Task PauseAsync(Container container, CancellationToken requested)
    {
        using var passage = await container.Gate.EnterAsync(requested);
        switch (container.Run.Status)
        {
            case ContainerStatus.Running:
                break;
            case ContainerStatus.Paused:
                throw ContainerErrors.AlreadyPaused(container.Id);
            case ContainerStatus.Restarting:
                throw ContainerErrors.Restarting(container.Id);
            default:
                throw ContainerErrors.NotRunning(container.Id);
        }
        await container.Monitor!.PauseAsync(requested);
        container.UpdateRun(run => run with { Status = ContainerStatus.Paused, Health = HealthMerge.AtEnd(run.Health) });
        parts.Publish(container.Record, "pause");
    }

    public async Task UnpauseAsync(Container container, CancellationToken requested)
    {
        using var passage = await container.Gate.EnterAsync(requested);
        if (container.Run.Status != ContainerStatus.Paused)
            throw ContainerErrors.NotPaused(container.Id);
        await container.Monitor!.ResumeAsync(requested);
        container.UpdateRun(run => run with { Status = ContainerStatus.Running });
        parts.Publish(container.Record, "unpause");
    }

    public async Task ResizeAsync(Container container, int height, int width, CancellationToken requested)
    {
        if (container.Monitor is not { } monitor || !ContainerStatus.HasProcess(container.Run.Status))
            throw ContainerErrors.NotRunning(container.Id);
        if (!container.Record.Terminal)
            return; // as with moby: there is nothing to resize, and clients do not ask first
        await monitor.ResizeAsync(null, height, width, requested);
        parts.Publish(container.Record, "resize", ("height", ContainerEvents.Number(height)), ("width", ContainerEvents.Number(width)));
    }

    public async Task RenameAsync(Container container, string newName, CancellationToken requested)
    {
        if (newName is "" or "/")
            throw ContainerErrors.RenameToNothing();
        using var passage = await container.Gate.EnterAsync(requested);
        var old = container.Name;
        if (newName.TrimStart('/') == old)
            throw ContainerErrors.RenameToSame();
        await using var undo = parts.NewUndo();

        // 1 reserve
        var name = Reserve(newName, container.Id);
        undo.Push("release the name", _ =>
        {
            parts.Containers.Release(name, container.Id);
            return ValueTask.CompletedTask;
        });
        FailPoint.Hit("rename.reserve");

        // 2 record
        if (!container.Update(record => record with { Name = name }))
            throw ContainerErrors.NotFound(old);
        undo.Commit(); // COMMIT
        parts.Containers.Release(old, container.Id);
        parts.Publish(container.Record, "rename", ("oldName", $"/{old}"));
    }

    private string Reserve(string newName, ContainerId id)
    {
        try
        {
            // moby checks the name with the slash that it will have.
            var name = ContainerNames.Normalize(newName.StartsWith('/') ? newName : $"/{newName}");
            parts.Containers.Reserve(name, id);
            return name;
        }
        catch (GantryException refused)
        {
            throw ContainerErrors.CannotRename(refused);
        }
    }

    private static int SignalOf(string name, string? signal)
    {
        if (string.IsNullOrEmpty(signal))
            return Signals.Kill;
        try
        {
            return Signals.Parse(signal);
        }
        catch (GantryException unknown)
        {
            throw ContainerErrors.CannotKill(name, unknown);
        }
    }

    internal static int StopSignalOf(ContainerRecord record) =>
        Signals.Parse(record.Config.StopSignal is { Length: > 0 } own ? own : "SIGTERM");
}
