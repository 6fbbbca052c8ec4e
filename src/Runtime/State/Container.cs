using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Confine;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.Init;
using Gantry.Runtime.Namespaces;
using NS = Gantry.Kernel.Sys.Namespaces;

namespace Gantry.Runtime.State;

/// <summary>
/// A container of the OCI command line, found by its state directory. The monitor does not use it: there, one process knows
/// its container by heart.
/// </summary>
public sealed class Container
{
    private const int KillTimeoutMs = 10_000;
    private readonly StateDirectory _directory;
    private readonly ContainerRecord _record;
    private RuntimeConfig? _config;
    private ICgroup? _cgroup;

    internal Container(StateDirectory directory, ContainerRecord record, RuntimeConfig? config = null)
    {
        _directory = directory;
        _record = record;
        _config = config;
    }

    /// <summary>What is kept of it.</summary>
    public ContainerRecord Record => _record;

    /// <summary>Its config.</summary>
    public RuntimeConfig Config => _config ??= _directory.GetConfig();

    /// <summary>Its cgroup, which may be gone.</summary>
    public ICgroup Cgroup => _cgroup ??= Cgroups.Cgroup.Open(_record.CgroupPaths);

    /// <summary>Finds a container.</summary>
    /// <exception cref="GantryException">NotFound.</exception>
    public static Container Get(string root, string id)
    {
        var directory = StateDirectory.Of(root, id);
        return new Container(directory, directory.GetRecord(id));
    }

    /// <summary>created, running, paused or stopped.</summary>
    public string Status
    {
        get
        {
            if (ProcessStat.Find(_record.Pid) is not { IsDead: false } stat || stat.StartTime != _record.StartTime) return "stopped";
            if (_directory.HasGate) return "created";
            return _record.CgroupPaths.Count > 0 && Cgroup.IsFrozen ? "paused" : "running";
        }
    }

    /// <summary>The state as hooks and <c>state</c> show it.</summary>
    public RuntimeState State(string status) => new()
    {
        OciVersion = _record.OciVersion,
        Id = _record.Id,
        Status = status,
        Pid = status == "stopped" ? 0 : _record.Pid,
        Bundle = _record.Bundle,
        Annotations = Config.Annotations,
    };

    /// <summary>A pidfd of init.</summary>
    /// <exception cref="GantryException">Conflict: it has ended.</exception>
    public Fd OpenInit()
    {
        var fd = Processes.FindPidFd(_record.Pid);
        // Checked after the pidfd is open: from here on it is this process or none.
        if (fd is not null && ProcessStat.Find(_record.Pid) is { IsDead: false } stat && stat.StartTime == _record.StartTime) return fd;
        fd?.Dispose();
        throw GantryException.Of(ErrorKind.Conflict, "container not running");
    }

    /// <summary>Lets init out of its gate.</summary>
    /// <exception cref="GantryException">Conflict: it does not wait. With <see cref="LaunchFailure"/>: its program could not be executed.</exception>
    public void Start()
    {
        using var held = _directory.Lock(_record.Id);
        var status = Status;
        if (status != "created")
            throw GantryException.Of(ErrorKind.Conflict, status == "stopped" ? $"cannot start container {_record.Id}: it has stopped: delete it and create it anew" : "cannot start an already running container");
        using var init = OpenInit();
        RunInside(init);
        using var result = Files.Open(_directory.ResultPath, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK);
        Fd? root = null;
        _ = Files.TryOpenAt(null, $"/proc/{_record.Pid}/root", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, out root);
        using (root)
        {
            using (var gate = Files.Open(_directory.GatePath, OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK)) Files.WriteAll(gate, [1]);
            _directory.RemoveGate();
            AwaitExecution(result, init, root);
        }

        RunAfterStart(init);
    }

    /// <summary>The startContainer hooks, in the container.</summary>
    public void RunInside(Fd init)
    {
        if (Config.Hooks?.StartContainer is not { Count: > 0 } hooks) return;
        var own = NamespacePlan.Of(Config.Linux?.Namespaces, []).Own & ~(NS.CLONE_NEWPID | NS.CLONE_NEWUSER | NS.CLONE_NEWTIME);
        HookRunner.Run("startContainer", hooks, State("created"), init, own);
    }

    /// <summary>The poststart hooks; one that fails takes the container with it, as runc does.</summary>
    public void RunAfterStart(Fd init)
    {
        try
        {
            HookRunner.Run("poststart", Config.Hooks?.Poststart, State("running"));
        }
        catch (GantryException)
        {
            _ = Processes.TrySignal(init, Processes.SIGKILL);
            throw;
        }
    }

    /// <summary>Sends a signal to init, or to every process.</summary>
    /// <exception cref="GantryException">Conflict: it has ended.</exception>
    public void Kill(int signal, bool all)
    {
        if (all && _record.CgroupPaths.Count > 0)
        {
            Cgroup.KillAll(signal);
            return;
        }

        using var init = OpenInit();
        var result = Processes.TrySignal(init, signal);
        if (result < 0) throw GantryException.Of(result == -Errno.ESRCH ? ErrorKind.Conflict : ErrorKind.Invalid, result == -Errno.ESRCH ? "container not running" : $"signal {signal}: {Errno.Text(-result)}");
        // Without a pid namespace of its own, the others outlive init.
        if (signal == Processes.SIGKILL && _record.CgroupPaths.Count > 0)
        {
            if (!NamespacePlan.Of(Config.Linux?.Namespaces, []).IsOwn(NS.CLONE_NEWPID)) Cgroup.KillAll(signal);
            if (Cgroup.IsFrozen) Cgroup.Thaw();
        }
    }

    /// <summary>Removes what is left of it.</summary>
    /// <param name="force">Kills it first.</param>
    /// <exception cref="GantryException">Conflict: it runs. Otherwise of a poststop hook, after everything was removed.</exception>
    public void Delete(bool force)
    {
        using var held = _directory.Lock(_record.Id);
        var status = Status;
        if (!force && status is "running" or "paused")
            throw GantryException.Of(ErrorKind.Conflict, $"cannot delete container {_record.Id} that is not stopped: {status}");
        if (status != "stopped") KillAndWait();
        Destroy();
    }

    /// <summary>Frees everything of a container that has ended: cgroup, state, and runs the poststop hooks.</summary>
    public void Destroy()
    {
        var config = Config;
        if (_record.CgroupPaths.Count > 0) Cgroup.Delete();
        var state = State("stopped");
        _directory.Remove();
        HookRunner.Run("poststop", config.Hooks?.Poststop, state);
    }

    /// <summary>Stops every process.</summary>
    public void Pause()
    {
        var status = Status;
        if (status is not ("running" or "created")) throw GantryException.Of(ErrorKind.Conflict, $"container not running or created: {status}");
        RequireCgroup().Freeze();
    }

    /// <summary>Lets the processes go on.</summary>
    public void Resume()
    {
        if (Status != "paused") throw GantryException.Of(ErrorKind.Conflict, "container not paused");
        RequireCgroup().Thaw();
    }

    /// <summary>Changes limits.</summary>
    public void Update(LinuxResources resources)
    {
        if (Status == "stopped") throw GantryException.Of(ErrorKind.Conflict, "container not running");
        RequireCgroup().Update(resources);
    }

    /// <summary>Runs a further process.</summary>
    public LaunchedProcess Exec(RuntimeProcess process, StdioFds stdio, int preserveFds, bool ignorePaused, SeccompCache seccomp)
    {
        var status = Status;
        if (status == "stopped") throw GantryException.Of(ErrorKind.Conflict, "cannot exec in a stopped container");
        if (status == "paused" && !ignorePaused) throw GantryException.Of(ErrorKind.Conflict, "cannot exec in a paused container (use --ignore-paused to override)");
        using var init = OpenInit();
        return ExecLauncher.Exec(new ExecRequest
        {
            Config = Config,
            Process = process,
            InitPid = _record.Pid,
            InitPidFd = init,
            Stdio = stdio,
            CgroupJoinFiles = _record.CgroupJoinFiles,
            Seccomp = Config.Linux?.Seccomp is { } profile ? seccomp.Get(profile) : null,
            PreserveFds = preserveFds,
            State = State(status),
        });
    }

    private ICgroup RequireCgroup() => _record.CgroupPaths.Count > 0 ? Cgroup : throw GantryException.Of(ErrorKind.NotSupported, $"container {_record.Id} has no cgroup of its own");

    private void KillAndWait()
    {
        Fd init;
        try
        {
            init = OpenInit();
        }
        catch (GantryException)
        {
            return; // It ended meanwhile.
        }

        using (init)
        {
            _ = Processes.TrySignal(init, Processes.SIGKILL);
            if (_record.CgroupPaths.Count > 0)
            {
                Cgroup.KillAll(Processes.SIGKILL);
                if (Cgroup.IsFrozen) Cgroup.Thaw();
            }

            if (!Processes.WaitForEnd(init, KillTimeoutMs)) throw GantryException.Of(ErrorKind.TimedOut, $"container {_record.Id} did not end within {KillTimeoutMs / 1000} s of SIGKILL: a process of it hangs in the kernel");
        }
    }

    private void AwaitExecution(Fd result, Fd init, Fd? root)
    {
        var executing = false;
        var buffer = new byte[ChildMessage.SizeBytes];
        while (true)
        {
            var length = Files.TryRead(result, buffer);
            if (length == -Errno.EAGAIN)
            {
                _ = Processes.WaitForEnd(result, -1);
                continue;
            }

            if (length < ChildMessage.SizeBytes)
            {
                if (executing) return;
                throw GantryException.Of(ErrorKind.Internal, "the container's init was killed before the program started", new LaunchFailure(LaunchStage.Exec, Errno.ECHILD));
            }

            var kind = (ChildMessageKind)BitConverter.ToInt32(buffer);
            if (kind == ChildMessageKind.Executing) executing = true;
            if (kind != ChildMessageKind.Failed) continue;
            var errno = BitConverter.ToInt32(buffer, 8);
            _ = Processes.WaitForEnd(init, KillTimeoutMs);
            throw LaunchErrors.Of(new LaunchStep(LaunchStage.Exec, "execve"), errno, Config.Process!, root);
        }
    }
}
