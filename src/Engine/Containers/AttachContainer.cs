using Gantry.Engine.Composition;
using Gantry.Engine.Logs;
using Gantry.Engine.Logs.Drivers;
using Gantry.Engine.Monitors;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Containers;

/// <summary>Connects clients to containers' streams, now or at the next start; opens logs.</summary>
internal sealed class AttachContainer(EngineParts parts)
{
    /// <summary>Attaches.</summary>
    public async Task<AttachedStream> RunAsync(Container container, AttachRequest request, CancellationToken requested)
    {
        var keys = DetachKeySequence.Parse(request.DetachKeys);
        var record = container.Record;
        switch (record.Run.Status)
        {
            case ContainerStatus.Paused:
                throw ContainerErrors.Paused(container.Id.ToString(), "attach");
            case ContainerStatus.Restarting:
                throw ContainerErrors.Restarting(container.Id);
        }
        var past = request.Logs && LogDriver.IsReadable(record.HostConfig.LogConfig)
            ? ContainerLogReader.ReadAsync(LogDriver.FileOf(parts.Paths, record), new LogQuery { Stdout = request.Stdout, Stderr = request.Stderr }, requested)
            : null;
        MonitorStream? stream = null;
        if (request.Stream && (request.Stdin || request.Stdout || request.Stderr))
        {
            stream = MonitorStream.Create(record.Terminal ? keys : default);
            await ConnectAsync(container, request, stream, requested);
        }
        parts.Publish(record, "attach");
        return new MonitorAttachedStream(record.Terminal, stream, past, detached =>
        {
            if (stream is not null)
                container.RemovePending(stream);
            if (detached)
                parts.Publish(container.Record, "detach");
        });
    }

    /// <summary>Opens the log. A following one ends with the run that goes on, or at once when there is none.</summary>
    public ContainerLogs Logs(Container container, LogQuery query, CancellationToken requested)
    {
        var record = container.Record;
        if (!LogDriver.IsReadable(record.HostConfig.LogConfig))
            throw ContainerErrors.LogsUnreadable(record.HostConfig.LogConfig!.Type!);
        var ended = container.NextExit; // taken before the state is looked at: an end in between completes it
        var follow = query.Follow && ContainerStatus.IsUp(container.Run.Status);
        return new ContainerLogs(
            record.Terminal,
            ContainerLogReader.ReadAsync(LogDriver.FileOf(parts.Paths, record), query with { Follow = follow, Ended = follow ? EndedForGoodAsync(container, ended) : null }, requested));
    }

    /// <summary>A container that its policy restarts has not ended for those who follow its log.</summary>
    private static async Task EndedForGoodAsync(Container container, Task exit)
    {
        await exit;
        while (ContainerStatus.IsUp(container.Run.Status))
        {
            exit = container.NextExit;
            if (ContainerStatus.IsUp(container.Run.Status))
                await exit;
        }
    }

    private static async Task ConnectAsync(Container container, AttachRequest request, MonitorStream stream, CancellationToken requested)
    {
        var wanted = new MonitorAttachRequest
        {
            Stdin = request.Stdin && container.Record.Config.OpenStdin == true,
            Stdout = request.Stdout,
            Stderr = request.Stderr,
        };
        // Under the gate, so that a start cannot pass between the look and the entry.
        using var passage = await container.Gate.EnterAsync(requested);
        if (container.Monitor is { } monitor && ContainerStatus.HasProcess(container.Run.Status))
            await monitor.AttachAsync(wanted, stream, requested);
        else
            container.AddPending(new PendingAttach(wanted, stream));
    }
}
