using System.Net;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Confine;
using Gantry.Runtime.External;
using Gantry.Runtime.Health;
using Gantry.Runtime.Logs;
using Gantry.Runtime.Relays;

namespace Gantry.Runtime.Monitor;

/// <summary>The container that a monitor has: its first process, its execs, its log, its control group. One thread, nothing waits.</summary>
internal sealed class ContainerMonitor : IDisposable
{
    /// <summary>How long output is waited for when a process has ended but others hold its pipes (moby waits as long).</summary>
    private const int LingerMs = 1000;

    /// <summary>How long a killed process may take to end before closing gives up on it.</summary>
    private const int KillMs = 5000;

    private const int OomSettleMs = 50;

    private readonly EpollLoop _loop;
    private readonly TimeProvider _time;
    private readonly MonitorBindRequest _binding;
    private readonly MonitorFiles _files;
    private readonly List<Fd> _held = [];
    private readonly ContainerExecs _execs;
    private IReadOnlyList<(Fd Listener, MonitorRelay To)> _relayed = [];
    private PortRelays? _relays;
    private RuntimeConfig? _config;
    private SeccompFilter? _seccomp;
    private ICgroup? _cgroup;
    private ExternalRuntime? _external;
    private IContainerLog? _log;
    private ProcessStreams? _streams;
    private LaunchedProcess? _init;
    private EpollSource? _initSource;
    private OomNotice? _oom;
    private EpollSource? _oomSource;
    private bool _ranOutOfMemory;
    private ContainerExit? _ending;
    private MonitorHealthSpec? _healthSpec;
    private HealthProber? _health;

    public ContainerMonitor(EpollLoop loop, TimeProvider time, MonitorBindRequest binding)
    {
        _loop = loop;
        _time = time;
        _binding = binding;
        _files = new MonitorFiles(binding.Directory);
        _execs = new ContainerExecs(loop) { Launch = LaunchExec, Exited = (id, code) => ExecExited?.Invoke(id, code), ClientsChanged = () => ClientsChanged?.Invoke() };
    }

    public MonitorStatus Status { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public ContainerExit? Exit { get; private set; }

    public int Pid { get; private set; }

    /// <summary>Told of the container's end, after it is on disk.</summary>
    public Action<ContainerExit>? Exited { get; set; }

    /// <summary>Told of an exec's end.</summary>
    public Action<string, int>? ExecExited { get; set; }

    /// <summary>Told when the kernel has killed something in the container for want of memory.</summary>
    public Action<MonitorOom>? OutOfMemory { get; set; }

    /// <summary>Told of the health probes' begin and end.</summary>
    public Action<string>? ProbeStarted { get; set; }

    public Action<MonitorProbeEnd>? ProbeEnded { get; set; }

    /// <summary>Told when clients go, so that a closing monitor can end with the last.</summary>
    public Action? ClientsChanged { get; set; }

    public MonitorFiles MonitorFiles => _files;

    public bool HasClients => _streams is { HasClients: true } || _execs.HaveClients;

    public MonitorState State => new()
    {
        Status = Status,
        Pid = Pid,
        StartedAt = StartedAt,
        Execs = _execs.States,
        Health = _health?.Health,
        Exit = Exit,
    };

    /// <summary>Sets the container up. Descriptors are owned from here on.</summary>
    public int Create(MonitorCreateRequest request, List<Fd> fds)
    {
        _held.AddRange(fds);
        if (Status != MonitorStatus.Empty || _init is not null)
            throw GantryException.Of(ErrorKind.Conflict, "this monitor has a container already");
        _relayed = Relayed(request, fds);
        var process = request.Config.Process ?? throw GantryException.Of(ErrorKind.Invalid, "the container's configuration has no process");
        try
        {
            _log = request.Log is { } options ? LogOpener.Open(options, _loop, _time) : null;
            _streams = new ProcessStreams(_loop, new StreamOptions(process.Terminal, request.OpenStdin, request.StdinOnce), _log) { Changed = OnStreamsChanged };
            StreamOwner.Give(_streams.Child, request.Config.Linux, process.User.Uid);
            EnsureRootfs(request.Config);
            _init = request.Runtime is { } runtime ? CreateExternally(runtime, request, fds) : CreateOurselves(request, fds);
            Pid = _init.Pid;
            _streams.Begin(_init.Terminal);
            if (process.Terminal && process.ConsoleSize is { } size)
                _streams.TryResize((int)size.Height, (int)size.Width);
            WriteRecord();
        }
        catch
        {
            Abandon();
            throw;
        }
        _healthSpec = request.Health;
        // The rest of the configuration is wanted for execs; the filter has been compiled.
        _config = request.Config with { Linux = request.Config.Linux is { } linux ? linux with { Seccomp = null } : null };
        _initSource = _loop.Add(_init.PidFd, Readiness.Readable, _ => OnInitReadable());
        Status = MonitorStatus.Created;
        return Pid;
    }

    /// <summary>Lets the first process go.</summary>
    public DateTimeOffset Start()
    {
        if (Status != MonitorStatus.Created)
            throw GantryException.Of(ErrorKind.Conflict, $"the container cannot be started: it is {Status.ToString().ToLowerInvariant()}");
        try
        {
            _init!.Start();
        }
        catch
        {
            Abandon();
            throw;
        }
        Status = MonitorStatus.Running;
        StartedAt = _time.GetUtcNow();
        WatchMemory();
        BeginProbing();
        BeginRelaying();
        return StartedAt.Value;
    }

    /// <summary>Sends the first process a signal. One that has ended takes it for granted: its end is on its way to the engine.</summary>
    public void Kill(int signal)
    {
        if (Status == MonitorStatus.Exited)
            return;
        RequireRunning("be sent a signal", evenCreated: true);
        if (Processes.TrySignal(_init!.PidFd, signal) is var sent && sent < 0 && sent != -Errno.ESRCH)
            throw GantryException.Of(ErrorKind.Invalid, $"signal {signal} cannot be sent to the container's first process: {Errno.Name(-sent)}");
        if (signal == Processes.SIGKILL && Status == MonitorStatus.Paused)
            Thaw();
    }

    /// <summary>Ends every process of the container; none are left of one that has ended.</summary>
    public void KillAll()
    {
        if (Status == MonitorStatus.Exited)
            return;
        RequireRunning("be killed", evenCreated: true);
        Processes.TrySignal(_init!.PidFd, Processes.SIGKILL);
        _cgroup?.KillAll(Processes.SIGKILL);
        if (Status == MonitorStatus.Paused)
            Thaw();
    }

    public void Pause()
    {
        RequireRunning("be paused");
        if (Status == MonitorStatus.Paused)
            throw GantryException.Of(ErrorKind.Conflict, "the container is paused already");
        _health?.Pause();
        RequireCgroup("paused").Freeze();
        Status = MonitorStatus.Paused;
    }

    public void Resume()
    {
        if (Status != MonitorStatus.Paused)
            throw GantryException.Of(ErrorKind.Conflict, "the container is not paused");
        Thaw();
        _health?.Resume();
    }

    /// <summary>Changes the limits that are given.</summary>
    public void Update(LinuxResources limits)
    {
        RequireRunning("be given other limits", evenCreated: true);
        RequireCgroup("given other limits").Update(limits);
    }

    public void Resize(string? execId, int height, int width)
    {
        var streams = execId is null ? _streams : _execs.Get(execId).Streams;
        if (streams is null || !streams.TryResize(height, width))
            throw GantryException.Of(ErrorKind.Conflict, "there is no terminal to resize");
    }

    /// <summary>Runs a further process.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="attach">Which streams the client wants.</param>
    /// <param name="client">The client's stream, owned from here on; null: nobody listens.</param>
    public int RunExec(MonitorExecRequest request, MonitorAttachRequest? attach, Fd? client)
    {
        try
        {
            RequireRunning("run another process");
            if (Status == MonitorStatus.Paused)
                throw GantryException.Of(ErrorKind.Conflict, "the container is paused: resume it first");
            return _execs.Run(request, attach, ref client);
        }
        finally
        {
            client?.Dispose();
        }
    }

    /// <summary>Connects a client. The socket is owned from here on.</summary>
    public void Attach(MonitorAttachRequest request, Fd client)
    {
        ProcessStreams? streams;
        try
        {
            streams = request.ExecId is null ? _streams : _execs.Get(request.ExecId).Streams;
            if (streams is null)
                throw GantryException.Of(ErrorKind.Conflict, "there is no container to attach to");
        }
        catch
        {
            client.Dispose();
            throw;
        }
        streams.Attach(client, request.Stdin, request.Stdout, request.Stderr);
    }

    /// <summary>Ends the container if it still is, and gives up the directory. Clients may still be owed output.</summary>
    /// <remarks>The control group goes afterwards, by <see cref="RemoveCgroup"/>: that can take the kernel a hundred milliseconds.</remarks>
    public void Close()
    {
        if (_init is not null && Status is MonitorStatus.Running or MonitorStatus.Paused)
        {
            KillAll();
            _execs.Reap(KillMs); // with a pid namespace of its own, init ends after all others in it have been reaped
            Processes.WaitForEnd(_init.PidFd, KillMs);
            OnInitReadable();
            if (Exit is null)
                FinishExit();
        }
        else if (Status == MonitorStatus.Created)
        {
            Abandon();
        }
        DeleteExternally();
        // Before the engine hears of it: whoever asks for a port of this container next must find it free.
        ReleaseHeld();
        _files.RemoveSocketAndRecord();
    }

    /// <summary>Removes the control group. Nothing is in it any more.</summary>
    public void RemoveCgroup()
    {
        try
        {
            _cgroup?.Delete();
            _cgroup = null;
        }
        catch (GantryException error)
        {
            MonitorProcess.Report($"the control group of container {_binding.ContainerId} could not be removed: {error.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _relays?.Dispose();
        _streams?.Dispose();
        _execs.Dispose();
        _init?.Dispose();
        _log?.Dispose();
        ReleaseHeld();
    }

    private void ReleaseHeld()
    {
        foreach (var fd in _held)
            fd.Dispose();
        _held.Clear();
    }

    private LaunchedProcess CreateOurselves(MonitorCreateRequest request, List<Fd> fds)
    {
        _cgroup = MakeCgroup(request.Config);
        _seccomp = request.Config.Linux?.Seccomp is { } seccomp ? new SeccompCache(_binding.CachePath).Get(seccomp) : null;
        return ContainerLauncher.Create(new LaunchRequest
        {
            Id = _binding.ContainerId,
            Config = request.Config,
            BundlePath = _binding.Directory,
            RootfsMounts = request.RootfsMounts,
            Stdio = _streams!.Child,
            NamespaceFds = NamespaceFds(request, fds),
            CgroupJoinFiles = _cgroup?.JoinPaths ?? [],
            Seccomp = _seccomp,
        });
    }

    private LaunchedProcess CreateExternally(MonitorRuntime runtime, MonitorCreateRequest request, List<Fd> fds)
    {
        _external = new ExternalRuntime(runtime, _binding.Directory, _binding.ContainerId, _loop);
        // The runtime makes the group; what is asked of it later is asked of the kernel.
        _cgroup = request.Config.Linux?.CgroupsPath is { Length: > 0 } path ? Cgroup.FindForeign(path) : null;
        return _external.Create(request.Config, request.RootfsMounts, NamespaceFds(request, fds).GetValueOrDefault("network"), _streams!.Child);
    }

    /// <summary>Has another runtime forget the container: before the directory is given up, in which it keeps its notes.</summary>
    private void DeleteExternally()
    {
        try
        {
            _external?.Delete();
        }
        catch (GantryException error)
        {
            MonitorProcess.Report($"container {_binding.ContainerId} could not be forgotten: {error.Message}");
        }
    }

    private static ICgroup? MakeCgroup(RuntimeConfig config) =>
        config.Linux?.CgroupsPath is { Length: > 0 } path ? Cgroup.Create(new CgroupSpec { Path = path, Resources = config.Linux.Resources }) : null;

    private static Dictionary<string, Fd> NamespaceFds(MonitorCreateRequest request, List<Fd> fds)
    {
        if (request.NetworkNamespaceIndex is not { } index)
            return [];
        if (index < 0 || index >= fds.Count)
            throw GantryException.Of(ErrorKind.Invalid, $"the network namespace is descriptor {index}, but only {fds.Count} came with the request");
        return new Dictionary<string, Fd> { ["network"] = fds[index] };
    }

    private static IReadOnlyList<(Fd Listener, MonitorRelay To)> Relayed(MonitorCreateRequest request, List<Fd> fds)
    {
        if (request.Relays.FirstOrDefault(relay => relay.Index < 0 || relay.Index >= fds.Count) is { } wrong)
            throw GantryException.Of(ErrorKind.Invalid, $"descriptor {wrong.Index} is to be relayed, but only {fds.Count} came with the request");
        return [.. request.Relays.Select(relay => (fds[relay.Index], relay))];
    }

    private void BeginRelaying()
    {
        if (_relayed.Count == 0)
            return;
        _relays = new PortRelays(_loop);
        foreach (var (listener, to) in _relayed)
            _relays.Add(listener, IPAddress.Parse(to.Address), to.Port);
    }

    private void EnsureRootfs(RuntimeConfig config)
    {
        var path = Path.Combine(_binding.Directory, config.Root?.Path ?? "rootfs");
        if (path.StartsWith(_binding.Directory, StringComparison.Ordinal))
            _ = Files.TryMkdirAt(null, path, 0x1C9); // 0711: the root of a user namespace comes by here; already there is well
    }

    private void WatchMemory()
    {
        if (_cgroup?.WatchOom() is not { } notice)
            return;
        _oom = notice;
        _oomSource = _loop.Add(notice.File, notice.Interest, _ => OnOomNotice());
    }

    private void OnOomNotice()
    {
        _oom!.Take();
        CheckMemory();
        // NOTE: version 1 gives notice before it has chosen what to kill. The removal of the group is told of here too.
        if (!_ranOutOfMemory)
            _loop.Schedule(OomSettleMs, CheckMemory);
    }

    private void CheckMemory()
    {
        if (_ranOutOfMemory || _cgroup is null || !(_cgroup.OomKilled() || _cgroup.WaitsForMemory()))
            return;
        _ranOutOfMemory = true;
        var (peak, limit) = _cgroup.Memory();
        OutOfMemory?.Invoke(new MonitorOom(peak, limit));
    }

    private void UnwatchMemory()
    {
        _oomSource?.Remove();
        _oom?.Dispose();
    }

    private void BeginProbing()
    {
        if (_healthSpec is not { } spec)
            return;
        _health = new HealthProber(_loop, _time, spec, StartedAt!.Value)
        {
            Launch = _execs.RunProbe,
            Started = id => ProbeStarted?.Invoke(id),
            Ended = end => ProbeEnded?.Invoke(end),
        };
        _health.Resume();
    }

    private LaunchedProcess LaunchExec(RuntimeProcess process, StdioFds stdio)
    {
        StreamOwner.Give(stdio, _config!.Linux, process.User.Uid);
        return _external?.Exec(process, stdio) ?? ExecLauncher.Exec(new ExecRequest
        {
            Config = _config!,
            Process = process,
            InitPid = Pid,
            InitPidFd = _init!.PidFd,
            Stdio = stdio,
            CgroupJoinFiles = _cgroup?.JoinPaths ?? [],
            Seccomp = _seccomp,
            State = new RuntimeState { OciVersion = _config!.OciVersion, Id = _binding.ContainerId, Status = "running", Pid = Pid, Bundle = _binding.Directory, Annotations = _config.Annotations },
        });
    }

    private void OnInitReadable()
    {
        if (_ending is not null || _init is null || Processes.TryWait(_init.PidFd, block: false, out var exit) < 0 || exit is null)
            return;
        _initSource?.Remove();
        _health?.Pause();
        CheckMemory();
        UnwatchMemory();
        _ending = new ContainerExit(exit.Value.Status, _time.GetUtcNow(), _cgroup?.OomKilled() ?? false);
        if (!HasOwnPidNamespace())
            _cgroup?.KillAll(Processes.SIGKILL); // with a namespace of its own the kernel has done so, before init could be reaped
        _streams!.Drain();
        if (_streams.IsAtEnd)
            FinishExit();
        else
            _loop.Schedule(LingerMs, FinishExit);
    }

    private void OnStreamsChanged()
    {
        if (_ending is not null && _streams!.IsAtEnd)
            FinishExit();
        ClientsChanged?.Invoke();
    }

    /// <summary>The container's end, in this order: log, disk, engine, clients. The control group stays until closing.</summary>
    private void FinishExit()
    {
        if (Exit is not null)
            return;
        _ending ??= new ContainerExit(128 + Processes.SIGKILL, _time.GetUtcNow(), false); // it cannot be killed: closing gives up on it
        Exit = _ending;
        _relays?.Dispose();
        _streams!.Drain();
        _log?.Finish();
        _files.WriteExit(Exit);
        Status = MonitorStatus.Exited;
        Exited?.Invoke(Exit);
        _streams.End();
    }

    /// <summary>Undoes a create or start that failed: nothing stays but the monitor, good only for closing.</summary>
    private void Abandon()
    {
        _initSource?.Remove();
        _initSource = null;
        if (_init is not null)
        {
            Processes.TrySignal(_init.PidFd, Processes.SIGKILL);
            if (Processes.WaitForEnd(_init.PidFd, KillMs))
                _ = Processes.TryWait(_init.PidFd, block: false, out _);
            _init.Dispose();
        }
        _streams?.Drain();
        _log?.Finish();
        _streams?.Dispose();
        _log?.Dispose();
        _log = null;
        DeleteExternally();
        RemoveCgroup();
        Status = MonitorStatus.Empty;
    }

    private void WriteRecord() => _files.WriteRecord(new MonitorRecord
    {
        Pid = Environment.ProcessId,
        StartTicks = MonitorRecord.StartTicksOf(Environment.ProcessId),
        InitPid = Pid,
        InitStartTicks = MonitorRecord.StartTicksOf(Pid),
        CgroupPaths = _cgroup?.Paths ?? new Dictionary<string, string>(),
    });

    private bool HasOwnPidNamespace() =>
        _config?.Linux?.Namespaces?.Any(space => space.Type == "pid" && string.IsNullOrEmpty(space.Path)) ?? false;

    private void Thaw()
    {
        RequireCgroup("resumed").Thaw();
        if (Status == MonitorStatus.Paused)
            Status = MonitorStatus.Running;
    }

    private ICgroup RequireCgroup(string what) =>
        _cgroup ?? throw GantryException.Of(ErrorKind.NotSupported, $"the container has no control group, so it cannot be {what}");

    private void RequireRunning(string what, bool evenCreated = false)
    {
        if (Status is MonitorStatus.Running or MonitorStatus.Paused || (evenCreated && Status == MonitorStatus.Created))
            return;
        throw GantryException.Of(ErrorKind.Conflict, $"the container cannot {what}: it is not running");
    }
}
