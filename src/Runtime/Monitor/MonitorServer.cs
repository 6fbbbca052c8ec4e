using System.Buffers;
using System.Text.Json;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Monitor;

/// <summary>Serves engines: the one that started this monitor, over the socket it inherited, and later ones over <c>monitor.sock</c>.</summary>
internal sealed class MonitorServer : IDisposable
{
    private const int CompactAfterMs = 1000;

    private readonly EpollLoop _loop = new();
    private readonly TimeProvider _time;
    private readonly List<EngineConnection> _engines = [];
    private readonly ArrayBufferWriter<byte> _payload = new(256);
    private ContainerMonitor? _container;
    private bool _compacting;
    private Fd? _listener;
    private EpollSource? _listening;
    private bool _closing;

    public MonitorServer(TimeProvider time, Fd firstEngine)
    {
        _time = time;
        Welcome(firstEngine);
    }

    public void Run() => _loop.Run();

    /// <inheritdoc/>
    public void Dispose()
    {
        _container?.Dispose();
        _listener?.Dispose();
        _loop.Dispose();
    }

    private void Welcome(Fd socket) => _engines.Add(new EngineConnection(_loop, socket, OnFrame, OnEngineGone));

    private void OnConnection()
    {
        while (Sockets.TryAccept(_listener!) is { } socket)
        {
            // The socket has mode 0600 in a directory of 0700; this is the second lock.
            if (Sockets.GetPeer(socket).Uid == Processes.EffectiveUserId)
                Welcome(socket);
            else
                socket.Dispose();
        }
    }

    private void OnEngineGone(EngineConnection engine)
    {
        _engines.Remove(engine);
        // Without a container there is nothing to wait for: a warm monitor, or one whose launch failed.
        if (_engines.Count == 0 && _container is null or { Status: MonitorStatus.Empty })
        {
            _container?.Close();
            _container?.RemoveCgroup();
            _loop.Stop();
        }
    }

    private void OnFrame(EngineConnection from, MonitorFrame frame, ReadOnlySpan<byte> payload, List<Fd> fds)
    {
        _payload.ResetWrittenCount();
        try
        {
            Handle(frame.Kind, payload, fds);
            from.Send(MonitorMessageKind.Ok, frame.Request, _payload.WrittenSpan);
        }
        catch (Exception error)
        {
            _payload.ResetWrittenCount();
            MonitorAnswers.WriteFailed(_payload, Translate(error));
            from.Send(MonitorMessageKind.Failed, frame.Request, _payload.WrittenSpan);
        }
        if (!_closing)
            return;
        // NOTE: after the answer: the engine need not wait for the kernel's grace periods. It waits for this process before
        // it starts the same container again.
        _container?.RemoveCgroup();
        EndIfDone();
    }

    private static GantryException Translate(Exception error) => error switch
    {
        GantryException known => known,
        SyscallException syscall => GantryException.Of(ErrorKind.Internal, syscall.Message, cause: syscall),
        JsonException or InvalidOperationException or FormatException => GantryException.Of(ErrorKind.Invalid, $"a message to the monitor cannot be read: {error.Message}", cause: error),
        _ => GantryException.Of(ErrorKind.Internal, $"{error.GetType().Name}: {error.Message}", cause: error),
    };

    private void Handle(MonitorMessageKind kind, ReadOnlySpan<byte> payload, List<Fd> fds)
    {
        switch (kind)
        {
            case MonitorMessageKind.Bind:
                Bind(MonitorRequests.ReadBind(payload));
                break;
            case MonitorMessageKind.Create:
                MonitorAnswers.WritePid(_payload, Container.Create(MonitorRequests.ReadCreate(payload), fds));
                break;
            case MonitorMessageKind.Start:
                MonitorAnswers.WriteStarted(_payload, Container.Start());
                CompactLater();
                break;
            case MonitorMessageKind.Kill:
                Container.Kill(MonitorRequests.ReadKill(payload));
                break;
            case MonitorMessageKind.KillAll:
                Container.KillAll();
                break;
            case MonitorMessageKind.Pause:
                Container.Pause();
                break;
            case MonitorMessageKind.Resume:
                Container.Resume();
                break;
            case MonitorMessageKind.Update:
                Container.Update(MonitorRequests.ReadUpdate(payload));
                break;
            case MonitorMessageKind.Resize:
                var (execId, height, width) = MonitorRequests.ReadResize(payload);
                Container.Resize(execId, height, width);
                break;
            case MonitorMessageKind.Exec:
                var (request, attach) = MonitorRequests.ReadExec(payload);
                MonitorAnswers.WritePid(_payload, Container.RunExec(request, attach, fds.Count > 0 ? fds[0] : null));
                break;
            case MonitorMessageKind.Attach:
                if (fds.Count != 1)
                    throw GantryException.Of(ErrorKind.Invalid, "an attach brings one descriptor");
                Container.Attach(MonitorRequests.ReadAttach(payload), fds[0]);
                break;
            case MonitorMessageKind.State:
                MonitorAnswers.WriteState(_payload, Container.State);
                break;
            case MonitorMessageKind.Close:
                _container?.Close();
                StopListening();
                _closing = true;
                break;
            default:
                foreach (var fd in fds)
                    fd.Dispose();
                throw GantryException.Of(ErrorKind.NotSupported, $"this monitor is older than the engine and does not know message {(int)kind}: restart the container to get a newer one");
        }
    }

    private ContainerMonitor Container =>
        _container ?? throw GantryException.Of(ErrorKind.Conflict, "this monitor has not been bound to a container");

    private void Bind(MonitorBindRequest request)
    {
        if (_container is not null)
            throw GantryException.Of(ErrorKind.Conflict, "this monitor belongs to a container already");
        var container = new ContainerMonitor(_loop, _time, request) { Exited = OnExited, ExecExited = OnExecExited, OutOfMemory = OnOutOfMemory, ProbeStarted = OnProbeStarted, ProbeEnded = OnProbeEnded, ClientsChanged = EndIfDone };
        _listener = container.MonitorFiles.Listen();
        _container = container;
        _listening = _loop.Add(_listener, Readiness.Readable, _ => OnConnection());
    }

    private void OnExited(ContainerExit exit)
    {
        var payload = new ArrayBufferWriter<byte>(128);
        MonitorAnswers.WriteExit(payload, exit);
        Broadcast(MonitorMessageKind.Exited, payload.WrittenSpan);
    }

    private void OnExecExited(string execId, int exitCode)
    {
        var payload = new ArrayBufferWriter<byte>(128);
        MonitorAnswers.WriteExecExit(payload, execId, exitCode);
        Broadcast(MonitorMessageKind.ExecExited, payload.WrittenSpan);
    }

    private void OnOutOfMemory(MonitorOom oom)
    {
        var payload = new ArrayBufferWriter<byte>(128);
        MonitorAnswers.WriteOom(payload, oom);
        Broadcast(MonitorMessageKind.OutOfMemory, payload.WrittenSpan);
    }

    private void OnProbeStarted(string execId)
    {
        var payload = new ArrayBufferWriter<byte>(128);
        HealthMessages.WriteProbeStart(payload, execId);
        Broadcast(MonitorMessageKind.ProbeStarted, payload.WrittenSpan);
    }

    private void OnProbeEnded(MonitorProbeEnd end)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        HealthMessages.WriteProbeEnd(payload, end);
        Broadcast(MonitorMessageKind.ProbeEnded, payload.WrittenSpan);
    }

    private void Broadcast(MonitorMessageKind kind, ReadOnlySpan<byte> payload)
    {
        foreach (var engine in _engines.ToArray())
            engine.Send(kind, 0, payload);
    }

    /// <summary>
    /// A launch leaves garbage that would stay for ever, and the pages of code that waiting does not need: what runs on then
    /// hardly allocates, and touches little. Short runs never get here.
    /// </summary>
    private void CompactLater()
    {
        if (_compacting)
            return;
        _compacting = true;
        _loop.Schedule(CompactAfterMs, () =>
        {
            _compacting = false;
            IdleMemory.GiveBack();
        });
    }

    private void StopListening()
    {
        _listening?.Remove();
        _listener?.Dispose();
    }

    // A closed monitor stays only for clients that have not read everything yet.
    private void EndIfDone()
    {
        if (_closing && _container is null or { HasClients: false })
            _loop.Stop();
    }
}
