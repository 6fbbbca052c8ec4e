using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;

namespace Gantry.Engine.Monitors;

/// <summary>The engine's end of one monitor. Safe to call from several threads.</summary>
/// <remarks>Disposing only disconnects: the container goes on. <see cref="CloseAsync"/> ends the monitor.</remarks>
public sealed class MonitorClient : IAsyncDisposable
{
    private const int KeptExecs = 256;

    private readonly MonitorPool _pool;
    private readonly MonitorConnection _connection;
    private readonly TaskCompletionSource<ContainerExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _execs = new();
    private readonly ConcurrentQueue<string> _endedExecs = new();
    private readonly Task _watching;
    private volatile bool _created;
    private volatile bool _leaving;

    internal MonitorClient(MonitorPool pool, Fd socket, int monitorPid)
    {
        _pool = pool;
        MonitorPid = monitorPid;
        _connection = new MonitorConnection(socket, OnEvent);
        _watching = WatchAsync();
    }

    public ContainerId ContainerId { get; private set; }

    /// <summary>Told that a health probe begins; must not wait.</summary>
    internal Action<string>? ProbeStarted { get; set; }

    /// <summary>Told how a health probe went; must not wait.</summary>
    internal Action<MonitorProbeEnd>? ProbeEnded { get; set; }

    /// <summary>Told that something in the container was killed for want of memory; must not wait.</summary>
    internal Action<MonitorOom>? OutOfMemory { get; set; }

    /// <summary>The monitor process.</summary>
    public int MonitorPid { get; }

    /// <summary>Completes when the monitor has gone, or this client was disposed.</summary>
    internal Task Ended => _connection.Ended;

    /// <summary>What the monitor's container is doing.</summary>
    public async Task<MonitorState> GetStateAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync(MonitorMessageKind.State, null, [], cancellationToken);
        var state = Parse(answer, MonitorAnswers.ReadState);
        if (state.Status is not MonitorStatus.Empty)
            _created = true;
        if (state.Exit is { } exit)
            _exit.TrySetResult(exit);
        foreach (var exec in state.Execs)
        {
            if (exec.ExitCode is { } code)
                EndExec(exec.ExecId, code);
        }
        return state;
    }

    /// <summary>Sets the container up; its first process waits at its gate.</summary>
    /// <param name="request">What to launch.</param>
    /// <param name="heldFds">Descriptors that the monitor keeps open as long as it lives: the network namespace, sockets that reserve ports. The caller keeps its own copies.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The first process, as the host counts.</returns>
    /// <exception cref="GantryException">With the launch failure; nothing is left behind, and the monitor is good only for closing.</exception>
    public async Task<int> CreateAsync(MonitorCreateRequest request, IReadOnlyList<Fd> heldFds, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(MonitorMessageKind.Create, to => MonitorRequests.WriteCreate(to, request), heldFds, cancellationToken);
        _created = true;
        return Parse(answer, MonitorAnswers.ReadPid);
    }

    /// <summary>Lets the first process go.</summary>
    /// <returns>When it did.</returns>
    /// <exception cref="GantryException">The command cannot be executed: the launch failure says why. Nothing is left behind.</exception>
    public async Task<DateTimeOffset> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Parse(await AskAsync(MonitorMessageKind.Start, null, [], cancellationToken), MonitorAnswers.ReadStarted);
        }
        finally
        {
            _pool.RefillLater();
        }
    }

    /// <summary>Sends a signal to the first process.</summary>
    public Task KillAsync(int signal, CancellationToken cancellationToken) =>
        AskAsync(MonitorMessageKind.Kill, to => MonitorRequests.WriteKill(to, signal), [], cancellationToken);

    /// <summary>Kills every process of the container.</summary>
    public Task KillAllAsync(CancellationToken cancellationToken) => AskAsync(MonitorMessageKind.KillAll, null, [], cancellationToken);

    public Task PauseAsync(CancellationToken cancellationToken) => AskAsync(MonitorMessageKind.Pause, null, [], cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken) => AskAsync(MonitorMessageKind.Resume, null, [], cancellationToken);

    /// <summary>Changes the limits that are given.</summary>
    /// <exception cref="GantryException">The kernel refuses one; those before it are in force.</exception>
    public Task UpdateAsync(LinuxResources limits, CancellationToken cancellationToken) =>
        AskAsync(MonitorMessageKind.Update, to => MonitorRequests.WriteUpdate(to, limits), [], cancellationToken);

    /// <summary>Sets the size of the terminal of the container, or of an exec.</summary>
    public Task ResizeAsync(string? execId, int height, int width, CancellationToken cancellationToken) =>
        AskAsync(MonitorMessageKind.Resize, to => MonitorRequests.WriteResize(to, execId, height, width), [], cancellationToken);

    /// <summary>Runs a further process; <paramref name="stream"/> misses none of its output.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="stream">The client's stream; null: nobody listens, and the output is dropped.</param>
    /// <param name="attach">Which streams the client wants; null: those that there are.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Its pid, as the host counts.</returns>
    public async Task<int> ExecAsync(MonitorExecRequest request, MonitorStream? stream, MonitorAttachRequest? attach, CancellationToken cancellationToken)
    {
        attach ??= new MonitorAttachRequest { Stdin = request.OpenStdin, Stdout = true, Stderr = true };
        _execs.TryAdd(request.ExecId, NewExec());
        using var far = stream?.TakeFarEnd();
        try
        {
            var answer = await AskAsync(MonitorMessageKind.Exec, to => MonitorRequests.WriteExec(to, request, stream is null ? null : attach), far is null ? [] : [far], cancellationToken);
            return Parse(answer, MonitorAnswers.ReadPid);
        }
        catch (GantryException)
        {
            _execs.TryRemove(request.ExecId, out _);
            throw;
        }
    }

    /// <summary>Connects a client's stream. Before the start it misses nothing; after the end it is at its end.</summary>
    public async Task AttachAsync(MonitorAttachRequest request, MonitorStream stream, CancellationToken cancellationToken)
    {
        using var far = stream.TakeFarEnd();
        await AskAsync(MonitorMessageKind.Attach, to => MonitorRequests.WriteAttach(to, request), [far], cancellationToken);
    }

    /// <summary>
    /// The container's end. Also when the monitor itself was killed: what it left is then killed and cleaned up first, and
    /// the exit code is 137.
    /// </summary>
    public Task<ContainerExit> WaitAsync(CancellationToken cancellationToken) => _exit.Task.WaitAsync(cancellationToken);

    /// <summary>An exec's exit code.</summary>
    /// <exception cref="GantryException">NotFound: there is no such exec.</exception>
    public async Task<int> WaitExecAsync(string execId, CancellationToken cancellationToken)
    {
        if (_execs.TryGetValue(execId, out var known))
            return await known.Task.WaitAsync(cancellationToken);
        // Started by an engine before this one. Entered first, asked then: its end cannot slip through between.
        var exec = _execs.GetOrAdd(execId, _ => NewExec());
        var state = await GetStateAsync(cancellationToken);
        if (!state.Execs.Any(entry => entry.ExecId == execId))
        {
            _execs.TryRemove(execId, out _);
            throw GantryException.Of(ErrorKind.NotFound, $"No such exec instance: {execId}");
        }
        return await exec.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the monitor: kills what still runs and removes the socket; <c>exit.json</c> stays. Clients that have not read
    /// everything yet still can. The monitor removes the control group afterwards, and <see cref="MonitorPool.StartAsync"/>
    /// for the same container waits for that.
    /// </summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        _leaving = true;
        _pool.ExpectEnd(ContainerId, MonitorPid);
        try
        {
            await AskAsync(MonitorMessageKind.Close, null, [], cancellationToken);
        }
        catch (GantryException error) when (error.Kind == ErrorKind.Unavailable)
        {
            // Ended already.
        }
        _exit.TrySetException(GantryException.Of(ErrorKind.Conflict, "the container was closed before it was started"));
        _ = _exit.Task.Exception; // nobody may be waiting
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _leaving = true;
        await _connection.DisposeAsync();
        await _watching;
    }

    internal async Task BindAsync(ContainerId id, string? cachePath, CancellationToken cancellationToken)
    {
        ContainerId = id;
        var request = new MonitorBindRequest { ContainerId = id.ToString(), Directory = _pool.DirectoryOf(id), CachePath = cachePath };
        await AskAsync(MonitorMessageKind.Bind, to => MonitorRequests.WriteBind(to, request), [], cancellationToken);
    }

    internal void Adopt(ContainerId id) => ContainerId = id;

    private static TaskCompletionSource<int> NewExec() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<ReadOnlyMemory<byte>> AskAsync(MonitorMessageKind kind, Action<IBufferWriter<byte>>? write, IReadOnlyList<Fd> fds, CancellationToken cancellationToken)
    {
        if (write is null)
            return _connection.AskAsync(kind, default, fds, cancellationToken);
        var payload = new ArrayBufferWriter<byte>();
        write(payload);
        return _connection.AskAsync(kind, payload.WrittenMemory, fds, cancellationToken);
    }

    private delegate T Reader<out T>(ReadOnlySpan<byte> payload);

    private static T Parse<T>(ReadOnlyMemory<byte> answer, Reader<T> read)
    {
        try
        {
            return read(answer.Span);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw GantryException.Of(ErrorKind.Internal, $"the monitor's answer cannot be read: {error.Message}", cause: error);
        }
    }

    private void OnEvent(MonitorMessageKind kind, ReadOnlyMemory<byte> payload)
    {
        switch (kind)
        {
            case MonitorMessageKind.Exited:
                _exit.TrySetResult(Parse(payload, MonitorAnswers.ReadExit));
                break;
            case MonitorMessageKind.ExecExited:
                var (execId, exitCode) = Parse(payload, MonitorAnswers.ReadExecExit);
                EndExec(execId, exitCode);
                break;
            case MonitorMessageKind.OutOfMemory:
                OutOfMemory?.Invoke(Parse(payload, MonitorAnswers.ReadOom));
                break;
            case MonitorMessageKind.ProbeStarted:
                ProbeStarted?.Invoke(Parse(payload, HealthMessages.ReadProbeStart));
                break;
            case MonitorMessageKind.ProbeEnded:
                ProbeEnded?.Invoke(Parse(payload, HealthMessages.ReadProbeEnd));
                break;
            default:
                break; // a newer monitor's event: not for this engine
        }
    }

    private void EndExec(string execId, int exitCode)
    {
        if (!_execs.GetOrAdd(execId, _ => NewExec()).TrySetResult(exitCode))
            return;
        _endedExecs.Enqueue(execId);
        while (_endedExecs.Count > KeptExecs && _endedExecs.TryDequeue(out var oldest))
            _execs.TryRemove(oldest, out _);
    }

    /// <summary>A monitor that goes without being asked to was killed: its container's remains are cleaned up, and that is its end.</summary>
    private async Task WatchAsync()
    {
        await _connection.Ended;
        if (_leaving)
            return;
        foreach (var (_, exec) in _execs)
            exec.TrySetResult(137);
        if (!_created)
        {
            _exit.TrySetException(GantryException.Of(ErrorKind.Unavailable, "the container's monitor is gone before the container was created"));
            _ = _exit.Task.Exception;
            return;
        }
        if (_exit.Task.IsCompleted)
            return;
        try
        {
            _exit.TrySetResult(await _pool.SweepAsync(ContainerId, CancellationToken.None) ?? ContainerExit.Unseen(TimeProvider.System.GetUtcNow()));
        }
        catch (Exception error) when (error is GantryException or IOException)
        {
            _exit.TrySetException(error);
            _ = _exit.Task.Exception;
        }
    }
}
