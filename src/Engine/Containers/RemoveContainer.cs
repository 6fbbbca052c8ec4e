using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Exec;
using Gantry.Engine.Links;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Network.Bridge;

namespace Gantry.Engine.Containers;

/// <summary>Removes a container. What is seen from outside is gone when it returns; files and interfaces follow in the background.</summary>
internal sealed class RemoveContainer(EngineParts parts, ContainerNetwork network, ContainerMounts mounts, SharedMemory shared, ExecTable execs, ContainerLinks links)
{
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs the operation.</summary>
    public async Task RunAsync(string name, RemoveRequest request, CancellationToken requested)
    {
        if (request.Link)
        {
            links.Remove(name);
            return;
        }
        var container = parts.Containers.Get(name);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Task exit;
            container.InterruptUpload();
            using (await container.RootfsGate.EnterAsync(requested))
            using (await container.Gate.EnterAsync(requested))
            {
                if (parts.Containers.Find(container.Id) is null)
                    return; // somebody else, or its own end, was quicker
                var status = container.Run.Status;
                if (!ContainerStatus.IsUp(status))
                {
                    await RemoveHeldAsync(container, request.Volumes);
                    return;
                }
                if (!request.Force)
                    throw ContainerErrors.RemoveRunning(container.Name, status);
                container.BackOff?.Cancel();
                container.UpdateRun(run => run with { StoppedByHand = true });
                if (status == ContainerStatus.Restarting)
                {
                    await RemoveHeldAsync(container, request.Volumes);
                    return;
                }
                exit = container.NextExit;
                await container.Monitor!.KillAllAsync(requested);
                parts.Publish(container.Record, "kill", ("signal", "9"));
            }
            try
            {
                await exit.WaitAsync(s_killLimit, parts.Time, requested);
            }
            catch (TimeoutException)
            {
                throw GantryException.Of(ErrorKind.Internal, $"cannot remove container \"/{container.Name}\": could not kill: its first process does not end after SIGKILL; it may hang in the kernel");
            }
        }
        throw ContainerErrors.RemovalUnderWay(container.Name);
    }

    /// <summary>The removal itself; the caller holds the gate, and nothing of the container runs.</summary>
    public async Task RemoveHeldAsync(Container container, bool volumes)
    {
        container.UpdateRun(run => run with { Status = ContainerStatus.Removing });
        FailPoint.Hit("remove.mark");
        await network.WithdrawAsync(container);
        FailPoint.Hit("remove.row");
        container.DeleteRow(); // COMMIT
        parts.Containers.Remove(container);
        execs.Forget(container.Id);
        var record = container.Record;
        if (volumes)
            await mounts.RemoveAnonymousAsync(record);
        parts.Publish(record, "destroy");
        parts.Logger.Removed(container.Id.Short);
        container.CompleteRemoval();
        var (monitor, endpoint) = (container.Monitor, container.Endpoint);
        (container.Monitor, container.Endpoint) = (null, null);
        _ = parts.Background.Start($"clean up after container {container.Id.Short}", _ => CleanUpAsync(record, monitor, endpoint));
    }

    /// <summary>Frees what only the disk and the kernel still know of; what an engine's end interrupts, the next one's start frees.</summary>
    private async Task CleanUpAsync(ContainerRecord record, MonitorClient? monitor, NetworkEndpoint? endpoint)
    {
        FailPoint.Hit("remove.cleanup");
        if (monitor is not null)
        {
            using var limit = new CancellationTokenSource(s_killLimit);
            await monitor.CloseAsync(limit.Token);
            await monitor.DisposeAsync();
        }
        parts.Monitors.RemoveDirectory(record.Id);
        FailPoint.Hit("remove.monitor");
        if (endpoint is not null)
        {
            await parts.Bridge.DetachAsync(endpoint);
            endpoint.Dispose();
        }
        FailPoint.Hit("remove.network");
        shared.Release(record.Id);
        parts.Snapshots.Remove(record.Id.ToString());
        FailPoint.Hit("remove.rootfs");
        var directory = parts.Paths.Container(record.Id);
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }
}
