using System.Diagnostics;
using Gantry.Engine.Composition;
using Gantry.Engine.Explain;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Health;
using Gantry.Engine.Links;
using Gantry.Engine.Logs.Drivers;
using Gantry.Engine.Oom;
using Gantry.Engine.Operations;
using Gantry.Engine.Runtimes;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Store;

namespace Gantry.Engine.Containers;

/// <summary>Starts a container. A failed start leaves nothing but the container, as it was, with the reason in its state.</summary>
internal sealed class StartContainer(EngineParts parts, ContainerNetwork network, ContainerFileStep files, ContainerPlan plan, ExitHandler exits, RemoveContainer removal, HealthWatch health, OomWatch memory, ContainerLinks links, ExplainContainer explain)
{
    /// <summary>Starts it at somebody's request.</summary>
    /// <exception cref="GantryException">NotModified: it runs already.</exception>
    public async Task RunAsync(Container container, CancellationToken requested)
    {
        using var mounting = await container.RootfsGate.EnterAsync(requested);
        using var passage = await container.Gate.EnterAsync(requested);
        CheckState(container);
        container.BackOff?.Cancel();
        container.LastDelay = TimeSpan.Zero;
        await StartHeldAsync(container, byPolicy: false, requested);
    }

    /// <summary>Starts it again as its policy wants; does nothing when somebody was quicker.</summary>
    public async Task RestartByPolicyAsync(Container container, CancellationToken lifetime)
    {
        using var mounting = await container.RootfsGate.EnterAsync(lifetime);
        using var passage = await container.Gate.EnterAsync(lifetime);
        if (container.Run.Status != ContainerStatus.Restarting)
            return;
        await StartHeldAsync(container, byPolicy: true, lifetime);
    }

    /// <summary>The start itself; the caller holds the gate.</summary>
    public async Task StartHeldAsync(Container container, bool byPolicy, CancellationToken requested)
    {
        var since = parts.Time.GetTimestamp();
        try
        {
            await LaunchAsync(container, byPolicy, since, requested);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || requested.IsCancellationRequested)
        {
            await RecordFailureAsync(container, byPolicy, failure);
            if (failure is GantryException { Launch: not null } refused)
                throw ContainerErrors.NotLaunched(refused);
            throw;
        }
    }

    private async Task LaunchAsync(Container container, bool byPolicy, long since, CancellationToken requested)
    {
        // Who it shares with is settled here at the latest: a name may be another's later.
        if (parts.Containers.JoinById(container.Record.HostConfig) is var settled && settled != container.Record.HostConfig)
            container.Update(known => known with { HostConfig = settled });
        var record = container.Record;
        await using var undo = parts.NewUndo();
        var linked = links.Prepare(record);

        // 1 monitor: a warm one is there already; it costs nothing to ask for it first
        var monitor = await parts.Monitors.StartAsync(container.Id, requested);
        undo.Push("end the monitor", async limit =>
        {
            await monitor.CloseAsync(limit);
            await monitor.DisposeAsync();
            parts.Monitors.RemoveDirectory(container.Id);
        });
        Trace(container, "monitor", since);
        FailPoint.Hit("start.monitor");

        // 2 network
        var attached = await network.AttachAsync(container, undo, requested);
        Trace(container, "network", since);
        FailPoint.Hit("start.network");

        // 3 publish: the sockets that reserve the ports go to the monitor with its create
        using var ports = await network.PublishAsync(record, attached, undo, requested);
        Trace(container, "publish", since);
        FailPoint.Hit("start.publish");

        // 4 files
        var filePaths = files.Write(record, attached, linked.Hosts, undo);
        links.Announce(record, attached.Endpoint?.Address.ToString());
        FailPoint.Hit("start.files");

        // 5 plan
        var snapshot = TakeFresh(container) ?? parts.Snapshots.Find(container.Id.ToString())
            ?? throw GantryException.Of(ErrorKind.Internal, $"the root filesystem of container {container.Name} is gone: remove the container and create it again");
        var config = plan.Make(record, attached, filePaths, snapshot, linked.Environment);
        Trace(container, "plan", since);
        FailPoint.Hit("start.plan");

        var log = await LogDriver.OptionsAsync(record, LogDriver.FileOf(parts.Paths, record), parts.Facts.Hostname, parts.Time.GetLocalNow().Offset, requested);

        // 6 create
        List<Fd> held = [.. attached.HeldNamespace is { } netns ? [netns] : Array.Empty<Fd>(), .. ports?.Sockets ?? []];
        var firstSocket = held.Count - (ports?.Sockets.Count ?? 0);
        var pid = await monitor.CreateAsync(
            new MonitorCreateRequest
            {
                Config = config,
                RootfsMounts = snapshot.RootfsMounts,
                OpenStdin = record.Config.OpenStdin == true,
                StdinOnce = record.Config.StdinOnce == true,
                Log = log,
                Runtime = RuntimeTable.Choose(parts.Facts.Runtimes, record.HostConfig.Runtime),
                Health = HealthPlan.Of(record.Config, config.Process!, parts.Facts),
                NetworkNamespaceIndex = attached.HeldNamespace is null ? null : 0,
                Relays = [.. (ports?.Ports ?? []).Index()
                    .Where(port => port.Item.IsRelayed)
                    .Select(port => new MonitorRelay(firstSocket + port.Index, attached.Endpoint!.Record.Address, port.Item.ContainerPort))],
            },
            held,
            requested);
        Trace(container, "create", since);
        FailPoint.Hit("start.create");
        await network.ConnectAsync(record.HostConfig, attached, pid, requested);
        FailPoint.Hit("start.connect");

        // 7 streams of those who attached before; from here on nothing of the output is missed
        foreach (var pending in container.TakePending())
            await AttachPendingAsync(monitor, pending, requested);
        FailPoint.Hit("start.attach");

        // 8 start
        FailPoint.Hit("start.start");
        requested.ThrowIfCancellationRequested();
        var startedAt = await monitor.StartAsync(parts.Background.Lifetime);
        undo.Commit(); // COMMIT
        Trace(container, "start", since);
        container.Monitor = monitor;
        container.Endpoint = attached.Endpoint;
        container.Ports = ports;
        container.Process = config.Process;
        container.Update(r => r with
        {
            Attachment = attached.Endpoint is { } endpoint ? new ContainerAttachment(endpoint.Record, ports?.Ports ?? []) : null,
            Run = new ContainerRun
            {
                Status = ContainerStatus.Running,
                Pid = pid,
                StartedAt = startedAt,
                FinishedAt = r.Run.FinishedAt,
                Restarts = byPolicy ? r.Run.Restarts + 1 : 0,
                Health = HealthPlan.CommandOf(r.Config) is null ? null : HealthMerge.AtStart(r.Run.Health),
            },
        });
        parts.PublishNetwork(container.Record, "connect");
        parts.PublishVolumes(container.Record, "mount");
        parts.Publish(container.Record, "start");
        exits.Watch(container, monitor);
        health.Listen(container, monitor);
        memory.Listen(container, monitor);
        parts.Logger.Started(container.Id.Short, pid, parts.Time.GetElapsedTime(since).TotalMilliseconds);
    }

    private static Snapshot? TakeFresh(Container container)
    {
        var fresh = container.Fresh;
        container.Fresh = null;
        return fresh;
    }

    private static async Task AttachPendingAsync(Monitors.MonitorClient monitor, PendingAttach pending, CancellationToken cancellationToken)
    {
        try
        {
            await monitor.AttachAsync(pending.Request, pending.Stream, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // The client has gone since: nobody misses the stream.
        }
    }

    private static void CheckState(Container container)
    {
        switch (container.Run.Status)
        {
            case ContainerStatus.Running:
                throw ContainerErrors.AlreadyStarted(container.Name);
            case ContainerStatus.Paused:
                throw ContainerErrors.StartPaused();
            case ContainerStatus.Removing or ContainerStatus.Dead:
                throw ContainerErrors.StartDead();
        }
    }

    /// <summary>Keeps the reason in the state, and does what the end of a run would do.</summary>
    private async Task RecordFailureAsync(Container container, bool byPolicy, Exception failure)
    {
        var launch = (failure as GantryException)?.Launch;
        container.Update(record => record with
        {
            Attachment = null,
            Run = record.Run with
            {
                // A restart by policy that failed ends the container; a first start leaves it as it was.
                Status = record.Run.Status == ContainerStatus.Restarting ? ContainerStatus.Exited : record.Run.Status,
                ExitCode = ExitCodeOf(launch),
                Error = launch is null ? failure.Message : $"{ContainerErrors.CreateTask}: {failure.Message}",
            },
        });
        foreach (var pending in container.TakePending())
            pending.Stream.Abandon();
        // A first start that failed is no end of a run: who waits for one goes on waiting, as with moby.
        if (byPolicy)
            container.CompleteExit();
        if (container.Record.HostConfig.AutoRemove != true)
            return;
        await explain.KeepAsync(container, parts.Background.Lifetime);
        await removal.RemoveHeldAsync(container, volumes: true);
    }

    /// <summary>What the state says of a start that failed: 127 not found, 126 not executable, 128 anything else.</summary>
    /// <remarks>Source: moby daemon/errors.go setExitCodeFromError.</remarks>
    internal static int ExitCodeOf(LaunchFailure? launch) => launch switch
    {
        { Stage: LaunchStage.Exec, Errno: Errno.ENOENT or Errno.ENOTDIR } => 127,
        { Stage: LaunchStage.Exec } => 126,
        _ => 128,
    };

    [Conditional("DEBUG")]
    private void Trace(Container container, string step, long since) => parts.Logger.Step(container.Id.Short, step, parts.Time.GetElapsedTime(since).TotalMilliseconds);
}
