using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;

namespace Gantry.Engine.Exec;

/// <summary>Further processes in running containers.</summary>
public sealed class ExecOperations
{
    private readonly EngineParts _parts;
    private readonly ExecTable _table;

    internal ExecOperations(EngineParts parts, ExecTable table)
    {
        _parts = parts;
        _table = table;
    }

    /// <summary>Prepares an exec in a running container.</summary>
    /// <returns>The exec's id.</returns>
    public Task<string> CreateAsync(string container, ExecCreateSpec spec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var target = _parts.Containers.Get(container);
        CheckRunning(target, container);
        if (spec.Cmd.Count == 0)
            throw ContainerErrors.ExecNoCommand();
        if (spec.User is { Length: > 0 })
            ContainerUser.FindRunning(target.Run.Pid, spec.User, target.Record.HostConfig.GroupAdd); // early, as Docker: an exec that cannot start is not made
        DetachKeySequence.Parse(spec.DetachKeys);
        var session = new ExecSession(ContainerId.New().ToString(), target.Id, spec);
        _table.Add(session);
        Publish(target, session, $"exec_create: {ContainerEvents.Words(spec.Cmd)}");
        return Task.FromResult(session.Id);
    }

    /// <summary>Runs it.</summary>
    /// <returns>Its streams; null when it was started detached.</returns>
    /// <exception cref="GantryException">With the launch failure, when the command cannot be executed.</exception>
    public async Task<AttachedStream?> StartAsync(string exec, ExecStartSpec spec, CancellationToken cancellationToken)
    {
        var session = _table.Get(exec);
        var container = _parts.Containers.Find(session.ContainerId) ?? throw ContainerErrors.NotFound(session.ContainerId.ToString());
        CheckRunning(container, container.Id.ToString());
        if (!session.TryStart())
            throw session.EndedAt is null ? ContainerErrors.ExecRunning(exec) : ContainerErrors.ExecDone(exec);
        var asked = session.Spec with { ConsoleSize = spec.ConsoleSize ?? session.Spec.ConsoleSize };
        var stream = spec.Detach ? null : MonitorStream.Create(asked.Tty ? DetachKeySequence.Parse(asked.DetachKeys) : default);
        try
        {
            FailPoint.Hit("exec.stream");
            await LaunchAsync(container, session, asked, stream, cancellationToken);
        }
        catch (Exception failure)
        {
            session.End(failure is GantryException { Launch: { } launch } ? ExitCodeOf(launch) : 126, _parts.Time.GetUtcNow());
            if (stream is not null)
                await stream.DisposeAsync();
            throw;
        }
        return stream is null ? null : new MonitorAttachedStream(asked.Tty, stream, null, detached =>
        {
            if (detached)
                Publish(container, session, "exec_detach");
        }, session.Ended);
    }

    public async Task ResizeAsync(string exec, int height, int width, CancellationToken cancellationToken)
    {
        var session = _table.Get(exec);
        var container = _parts.Containers.Find(session.ContainerId);
        if (!session.Running || container?.Monitor is not { } monitor)
            throw ContainerErrors.ExecNotRunning(exec);
        if (!session.Spec.Tty)
            return; // as with containers
        await monitor.ResizeAsync(session.Id, height, width, cancellationToken);
    }

    public Task<ExecInspectResponse> InspectAsync(string exec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var session = _table.Get(exec);
        if (_parts.Containers.Find(session.ContainerId) is null)
            throw ContainerErrors.ExecNotFound(exec);
        var spec = session.Spec;
        return Task.FromResult(new ExecInspectResponse
        {
            ID = session.Id,
            ContainerID = session.ContainerId.ToString(),
            CanRemove = false, // as dockerd: it means "collected at the next round", and there are no rounds
            DetachKeys = spec.DetachKeys ?? "",
            ExitCode = session.ExitCode,
            Running = session.Running,
            Pid = session.Pid,
            OpenStdin = spec.AttachStdin,
            OpenStdout = spec.AttachStdout,
            OpenStderr = spec.AttachStderr,
            ProcessConfig = new ProcessConfig
            {
                Privileged = spec.Privileged,
                User = spec.User,
                Tty = spec.Tty,
                Entrypoint = spec.Cmd.Count > 0 ? spec.Cmd[0] : "",
                Arguments = [.. spec.Cmd.Skip(1)],
            },
        });
    }

    /// <summary>Takes over the execs that a monitor knows of, after an engine's restart.</summary>
    internal void Adopt(Container container, MonitorState state)
    {
        foreach (var known in state.Execs)
        {
            var session = new ExecSession(known.ExecId, container.Id, new ExecCreateSpec()) { Pid = known.Pid };
            session.TryStart();
            _table.Add(session);
            if (known.ExitCode is { } code)
                session.End(code, _parts.Time.GetUtcNow());
            else
                Watch(container, session);
        }
    }

    private async Task LaunchAsync(Container container, ExecSession session, ExecCreateSpec asked, MonitorStream? stream, CancellationToken cancellationToken)
    {
        var monitor = container.Monitor ?? throw ContainerErrors.NotRunning(container.Id);
        var user = asked.User is { Length: > 0 } ? ContainerUser.FindRunning(container.Run.Pid, asked.User, container.Record.HostConfig.GroupAdd) : null;
        var process = ExecPlanner.Plan(asked, ProcessOf(container), user, _parts.Facts);
        FailPoint.Hit("exec.plan");
        Publish(container, session, $"exec_start: {ContainerEvents.Words(asked.Cmd)}");
        session.Pid = await monitor.ExecAsync(
            new MonitorExecRequest { ExecId = session.Id, Process = process, OpenStdin = asked.AttachStdin && !(stream is null) },
            stream,
            stream is null ? null : new MonitorAttachRequest { ExecId = session.Id, Stdin = asked.AttachStdin, Stdout = asked.AttachStdout, Stderr = asked.AttachStderr },
            cancellationToken);
        Watch(container, session);
    }

    private void Watch(Container container, ExecSession session) => _parts.Background.Start($"watch exec {session.Id[..12]}", async lifetime =>
    {
        // Without its monitor there is neither container nor exec: what ran in it was killed.
        const int Killed = 128 + 9;
        int code;
        try
        {
            code = container.Monitor is { } monitor ? await monitor.WaitExecAsync(session.Id, lifetime) : Killed;
        }
        catch (GantryException)
        {
            code = Killed;
        }
        session.End(code, _parts.Time.GetUtcNow());
        Publish(container, session, "exec_die", ("exitCode", ContainerEvents.Number(code)));
    });

    /// <summary>The process that the container was launched with; after an engine's restart it is planned again, from the same facts.</summary>
    private RuntimeProcess ProcessOf(Container container)
    {
        if (container.Process is { } known)
            return known;
        var record = container.Record;
        return container.Process = LaunchPlanner.PlanProcess(new PlanInput
        {
            Id = record.Id.ToString(),
            Config = record.Config,
            HostConfig = record.HostConfig,
            Facts = _parts.Facts,
            User = ContainerUser.FindRunning(record.Run.Pid, record.Config.User, record.HostConfig.GroupAdd),
            DefaultUlimits = _parts.Options.Ulimits,
            NoNewPrivileges = _parts.Options.NoNewPrivileges,
        });
    }

    private static int ExitCodeOf(LaunchFailure launch) => launch.Stage == LaunchStage.Exec ? StartContainer.ExitCodeOf(launch) : 126;

    private static void CheckRunning(Container container, string name)
    {
        switch (container.Run.Status)
        {
            case ContainerStatus.Running:
                return;
            case ContainerStatus.Paused:
                throw ContainerErrors.Paused(name, "exec");
            case ContainerStatus.Restarting:
                throw ContainerErrors.Restarting(container.Id);
            default:
                throw ContainerErrors.NotRunning(container.Id);
        }
    }

    private void Publish(Container container, ExecSession session, string action, params ReadOnlySpan<(string Key, string Value)> attributes) =>
        _parts.Publish(container.Record, action, [.. attributes, ("execID", session.Id)]);
}
