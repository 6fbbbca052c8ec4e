using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Operations;
using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>Stops and restarts containers: asks first, kills when that takes too long, or at once when asking cannot work and nobody has said how long to wait.</summary>
internal sealed class StopContainer(EngineParts parts, Func<Container, CancellationToken, Task> start)
{
    /// <summary>How long after SIGKILL the end must come.</summary>
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long after its start a program may take until it handles signals.</summary>
    private static readonly TimeSpan s_youth = TimeSpan.FromSeconds(1);

    /// <summary>How often a young program is looked at.</summary>
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(10);

    /// <summary>Stops a container.</summary>
    /// <param name="requested">Gives up before anything is done; a stop that has begun goes on without its client, as at Docker.</param>
    /// <exception cref="GantryException">NotModified: it does not run.</exception>
    public async Task StopAsync(Container container, StopRequest request, CancellationToken requested)
    {
        requested.ThrowIfCancellationRequested();
        if (!await EndAsync(container, request, parts.Background.Lifetime))
            throw ContainerErrors.AlreadyStopped(container.Name);
        parts.Publish(container.Record, "stop");
    }

    /// <summary>Stops a container when it runs, and starts it.</summary>
    /// <param name="requested">As with <see cref="StopAsync"/>.</param>
    public async Task RestartAsync(Container container, StopRequest request, CancellationToken requested)
    {
        requested.ThrowIfCancellationRequested();
        var lifetime = parts.Background.Lifetime;
        container.BeingRestarted = true;
        try
        {
            if (await EndAsync(container, request, lifetime))
                parts.Publish(container.Record, "stop");
            await start(container, lifetime);
        }
        catch (GantryException already) when (already.Kind == ErrorKind.NotModified)
        {
            // Somebody else started it in between: it runs, as asked.
        }
        finally
        {
            container.BeingRestarted = false;
        }
        parts.Publish(container.Record, "restart");
    }

    /// <summary>Ends a container that has become unhealthy; its policy starts it again. Does nothing when it has ended meanwhile.</summary>
    public async Task ReplaceAsync(Container container, CancellationToken lifetime)
    {
        container.EndedAsUnhealthy = true;
        if (!await EndAsync(container, new StopRequest(null, null), lifetime, byHand: false))
            container.EndedAsUnhealthy = false;
    }

    private static int SignalOf(Container container, StopRequest request)
    {
        try
        {
            return request.Signal is { Length: > 0 } asked ? Signals.Parse(asked) : SignalContainer.StopSignalOf(container.Record);
        }
        catch (GantryException unknown)
        {
            throw GantryException.During($"cannot stop container: {container.Name}", unknown); // Source: moby daemon/stop.go
        }
    }

    /// <summary>Ends a container's run; false when there is none.</summary>
    private async Task<bool> EndAsync(Container container, StopRequest request, CancellationToken requested, bool byHand = true)
    {
        var signal = SignalOf(container, request);
        Task exit;
        bool useless;
        Monitors.MonitorClient monitor;
        using (await container.Gate.EnterAsync(requested))
        {
            var run = container.Run;
            if (!byHand && !ContainerStatus.HasProcess(run.Status))
                return false;
            if (run.Status == ContainerStatus.Restarting)
            {
                container.BackOff?.Cancel();
                container.UpdateRun(r => r with { Status = ContainerStatus.Exited, StoppedByHand = true });
                return true;
            }
            if (!ContainerStatus.HasProcess(run.Status))
            {
                if (!run.StoppedByHand && container.Record.HostConfig.RestartPolicy?.Name is "always" or "unless-stopped")
                    container.UpdateRun(r => r with { StoppedByHand = true });
                return false;
            }
            exit = container.NextExit;
            monitor = container.Monitor!;
            if (byHand)
                container.UpdateRun(r => r with { StoppedByHand = true });
            FailPoint.Hit("stop.mark");
            if (run.Status == ContainerStatus.Paused)
            {
                // A frozen process hears nothing.
                await monitor.ResumeAsync(requested);
                container.UpdateRun(r => r with { Status = ContainerStatus.Running });
                parts.Publish(container.Record, "unpause");
            }
            var isDeaf = signal != Signals.Kill && !await HearsAsync(container.Record, run, signal, GraceOf(container.Record, request), requested);
            // Who says how long to wait gets that: the program may end by itself meanwhile.
            useless = isDeaf && (request.TimeoutSeconds ?? container.Record.Config.StopTimeout) is null or 0;
            if (useless)
            {
                parts.Logger.CannotHear(container.Id.Short, signal);
            }
            else
            {
                await monitor.KillAsync(signal, requested);
                parts.Publish(container.Record, "kill", ("signal", ContainerEvents.Number(signal)));
            }
        }
        FailPoint.Hit("stop.signal");
        if (!useless && await EndedAsync(exit, GraceOf(container.Record, request), requested))
            return true;
        FailPoint.Hit("stop.wait");
        if (!exit.IsCompleted)
            await KillAsync(container, monitor, exit, requested);
        return true;
    }

    private async Task KillAsync(Container container, Monitors.MonitorClient monitor, Task exit, CancellationToken requested)
    {
        try
        {
            await monitor.KillAllAsync(requested);
        }
        catch (GantryException) when (exit.IsCompleted)
        {
            return; // it ended by itself just now
        }
        parts.Publish(container.Record, "kill", ("signal", "9"));
        if (!await EndedAsync(exit, s_killLimit, requested))
            throw GantryException.Of(ErrorKind.Internal, $"cannot stop container: {container.Name}: its first process does not end after SIGKILL; it may hang in the kernel");
    }

    private async Task<bool> EndedAsync(Task exit, TimeSpan limit, CancellationToken requested)
    {
        try
        {
            await exit.WaitAsync(limit, parts.Time, requested);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Whether the signal can end the container; a program that has just been started gets a moment to set its handlers up, for what comes earlier is lost.</summary>
    private async Task<bool> HearsAsync(ContainerRecord record, ContainerRun run, int signal, TimeSpan grace, CancellationToken requested)
    {
        var until = (run.StartedAt ?? default) + (grace < s_youth && grace >= TimeSpan.Zero ? grace : s_youth);
        while (StopsNothing(record, run.Pid, signal))
        {
            if (parts.Time.GetUtcNow() >= until)
                return false;
            await Task.Delay(s_glance, parts.Time, requested);
        }
        return true;
    }

    private TimeSpan GraceOf(ContainerRecord record, StopRequest request)
    {
        var seconds = request.TimeoutSeconds ?? record.Config.StopTimeout;
        return seconds is null ? parts.Options.StopTimeout : seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds.Value);
    }

    /// <summary>
    /// Whether the signal cannot end the container: its first process is the init of a pid namespace and neither catches
    /// nor blocks it; the kernel drops such a signal. Waiting would not change that.
    /// </summary>
    /// <remarks>Source: pid_namespaces(7), kernel/signal.c sig_ignored.</remarks>
    internal static bool StopsNothing(ContainerRecord record, int pid, int signal)
    {
        if (record.HostConfig.PidMode is { Length: > 0 } and not "private")
            return false;
        var masks = ProcessSignals.Read(pid);
        return masks is not null && !masks.Catches(signal) && !masks.Blocks(signal) && !ProcessSignals.Awaits(pid);
    }
}
