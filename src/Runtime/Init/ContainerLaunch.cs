using System.Globalization;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Cgroups;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Pty;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.Namespaces;
using Gantry.Runtime.Rootfs;
using NS = Gantry.Kernel.Sys.Namespaces;

namespace Gantry.Runtime.Init;

/// <summary>One run of <see cref="ContainerLauncher.Create"/>: look up, open, compile, fork, converse.</summary>
internal sealed class ContainerLaunch : IDisposable
{
    private readonly LaunchRequest _request;
    private readonly RuntimeConfig _config;
    private readonly RuntimeProcess _process;
    private readonly NamespacePlan _namespaces;
    private readonly string _rootfs;
    private readonly LaunchResources _resources = new();
    private Fd? _terminal;
    private int _pid;
    private Fd? _pidFd;
    private Fd? _root;

    public ContainerLaunch(LaunchRequest request)
    {
        _request = request;
        _config = request.Config;
        _process = ConfigRules.Check(_config);
        _namespaces = NamespacePlan.Of(_config.Linux?.Namespaces, request.NamespaceFds.Keys);
        ConfigRules.Check(_config, _namespaces);
        _rootfs = Path.GetFullPath(Path.Combine(request.BundlePath, _config.Root!.Path));
    }

    /// <summary>Launches.</summary>
    public LaunchedProcess Run()
    {
        CheckRootfs();
        var channel = SyncChannel.Open();
        try
        {
            var input = Open(channel);
            var program = ContainerProgram.Compile(input);
            var child = Fork(program.Script);
            channel.Child.Dispose();
            var conversation = new LaunchConversation(channel, child, program.Script, _process, program.Home);
            try
            {
                _pid = child.Pid;
                _pidFd = child.PidFd;
                _resources.Dispose();
                SetOomScore();
                conversation.Provide(_terminal, null);
                conversation.UntilReady(assist =>
                {
                    _root = conversation.Root;
                    Help(assist);
                });
                return new LaunchedProcess(child.Pid, child.PidFd, conversation);
            }
            catch
            {
                _ = Processes.TrySignal(child.PidFd, Processes.SIGKILL);
                _ = Processes.TryWait(child.PidFd, block: true, out _);
                conversation.Dispose();
                child.PidFd.Dispose();
                throw;
            }
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _resources.Dispose();

    private void CheckRootfs()
    {
        var result = Files.TryStatus(null, _rootfs, OpenFlags.AT_SYMLINK_NOFOLLOW, out var status);
        if (result < 0) throw GantryException.Of(ErrorKind.NotFound, $"the root filesystem {_rootfs} cannot be reached: {Errno.Text(-result)}", new LaunchFailure(LaunchStage.Bundle, -result));
        if (status.IsDirectory) return;
        throw GantryException.Of(ErrorKind.Invalid, $"the root filesystem {_rootfs} is {(status.IsSymlink ? "a symbolic link" : "not a directory")}: root.path must name a directory", new LaunchFailure(LaunchStage.Bundle, Errno.ENOTDIR));
    }

    private LaunchInput Open(SyncChannel channel)
    {
        var linux = _config.Linux;
        var capabilities = CapabilitySets.Of(_process.Capabilities);
        var sysctls = Sysctls.Of(_config);
        var streams = _process.Terminal ? [0, 1, 2] : _resources.Streams(_request.Stdio);
        var keepShared = MountOptions.PropagationOf(linux?.RootfsPropagation ?? "") == MountFlags.MS_SHARED;
        var hasPts = _config.Mounts.Any(m => m.Type == "devpts" && InnerPath.Clean(m.Destination) == "/dev/pts");
        int? hostTerminal = null;
        if (_process.Terminal && !hasPts)
        {
            (_terminal, var slave) = PseudoTerminals.OpenPair();
            hostTerminal = _resources.Keep(slave);
        }

        var wantsCgroups = _config.Mounts.Any(m => m.Type is "cgroup" or "cgroup2");
        return new LaunchInput
        {
            Id = _request.Id,
            Config = _config,
            Process = _process,
            Namespaces = _namespaces,
            RootfsPath = _rootfs,
            RootfsMounts = _request.RootfsMounts,
            Sync = channel.Child.Number,
            Stdio = streams,
            OwnsStdio = _process.Terminal ? [false, false, false] : LaunchResources.Owned(streams),
            Joins = OpenJoins(),
            CgroupFiles = _resources.OpenCgroupFiles(_request.CgroupJoinFiles),
            Mounts = OpenBinds(keepShared),
            DeviceMounts = OpenDevices(),
            RootfsTree = OpenRootfsTree(),
            ParentMount = keepShared ? MountPointOf(_rootfs) : null,
            Cgroups = wantsCgroups ? CgroupView.Of(CgroupMounts.Read(), _request.CgroupJoinFiles) : [],
            HostTerminal = hostTerminal,
            Gate = _request.GateFd?.Number,
            Result = _request.ResultFd?.Number,
            NoPivot = _request.NoPivot,
            NoNewKeyring = _request.NoNewKeyring,
            PreserveFds = _request.PreserveFds,
            Seccomp = _request.Seccomp,
            Capabilities = capabilities,
            LastCapability = CapabilitySets.LastCapability,
            Sysctls = sysctls,
            HasKernelCore = Files.TryStatus(null, "/proc/kcore", 0, out _) == 0,
            CanSetGroups = !_namespaces.IsNew(NS.CLONE_NEWUSER) || Processes.EffectiveUserId == 0,
        };
    }

    private List<(int, uint)> OpenJoins()
    {
        var joins = new List<(int, uint)>();
        foreach (var (type, flag, path) in _namespaces.Joined)
        {
            if (JoinsInThread(flag)) continue;
            joins.Add((OpenNamespace(type, path), flag));
        }

        return joins;
    }

    // In the parent's thread: the pid namespace (only children are in it), and with a new user namespace everything else, as
    // its root has no rights over namespaces made before it.
    private bool JoinsInThread(uint flag) =>
        flag == NS.CLONE_NEWPID || (_namespaces.IsNew(NS.CLONE_NEWUSER) && flag is NS.CLONE_NEWNET or NS.CLONE_NEWIPC or NS.CLONE_NEWUTS or NS.CLONE_NEWCGROUP);

    private int OpenNamespace(string type, string? path)
    {
        if (_request.NamespaceFds.TryGetValue(type, out var given)) return given.Number;
        var result = Files.TryOpenAt(null, path!, OpenFlags.O_RDONLY, 0, out var fd);
        if (result < 0) throw LaunchErrors.Of(LaunchStage.Namespaces, $"open the {type} namespace {path}", new SyscallException("openat", -result, path));
        return _resources.Keep(fd!);
    }

    private Dictionary<int, OpenedMount> OpenBinds(bool keepShared)
    {
        var opened = new Dictionary<int, OpenedMount>();
        for (var i = 0; i < _config.Mounts.Count; i++)
        {
            var mount = _config.Mounts[i];
            var options = MountOptions.Parse(mount.Options);
            var isBind = BindOpener.IsBind(mount, options);
            InnerPath.CheckMountPoint(InnerPath.Clean(mount.Destination), isBind ? "bind" : mount.Type);
            // A user namespace may mount sysfs only with a network namespace of its own.
            if (mount.Type == "sysfs" && (_namespaces.IsNew(NS.CLONE_NEWUSER) ? !_namespaces.IsNew(NS.CLONE_NEWNET) : _namespaces.JoinsUser && !_namespaces.IsOwn(NS.CLONE_NEWNET)))
                mount = mount with { Source = "/sys", Options = [.. mount.Options ?? [], "rbind"] };
            else if (!isBind && !OverlayOpener.Takes(mount, options))
                continue;
            var tree = OverlayOpener.Takes(mount, options) ? OverlayOpener.Open(mount, options) : BindOpener.Open(mount, _request.BundlePath, keepShared, _config.Linux);
            opened[i] = new OpenedMount(_resources.Keep(tree), Files.Status(tree).IsDirectory);
        }

        return opened;
    }

    private Dictionary<string, int> OpenDevices()
    {
        var opened = new Dictionary<string, int>(StringComparer.Ordinal);
        if (!_namespaces.IsOwn(NS.CLONE_NEWUSER)) return opened;
        foreach (var device in DefaultDevices.With(_config.Linux?.Devices))
        {
            var result = Mounts.TryCloneTree(null, device.Path, recursive: false, out var tree);
            if (result < 0) throw LaunchErrors.Of(LaunchStage.Rootfs, $"open the host's device {device.Path}", new SyscallException("open_tree", -result));
            opened[device.Path] = _resources.Keep(tree!);
            _ = Mounts.TrySetAttributes(tree!, 0, 0, MountFlags.MS_SLAVE, recursive: false); // tidy only: nothing is mounted on a device
        }

        return opened;
    }

    private int? OpenRootfsTree()
    {
        if (!_namespaces.IsOwn(NS.CLONE_NEWUSER)) return null;
        Fd? tree;
        var result = 0;
        if (_request.RootfsMounts.Count == 0) result = Mounts.TryCloneTree(null, _rootfs, recursive: true, out tree);
        else tree = RootfsAssembly.Open(_rootfs, _request.RootfsMounts, _config.Linux);
        if (result < 0) throw LaunchErrors.Of(LaunchStage.Rootfs, $"open the root filesystem {_rootfs}", new SyscallException("open_tree", -result));
        var number = _resources.Keep(tree!);
        // Out of the host's peer group: pivot_root takes no shared mount, and on most hosts every mount is shared.
        result = Mounts.TrySetAttributes(tree!, 0, 0, MountFlags.MS_SLAVE, recursive: true);
        if (result < 0) throw LaunchErrors.Of(LaunchStage.Rootfs, $"change the propagation of the root filesystem {_rootfs}", new SyscallException("mount_setattr", -result));
        return number;
    }

    private ForkedChild Fork(ChildScript script)
    {
        var afterFork = NS.CLONE_NEWCGROUP | NS.CLONE_NEWTIME | (_namespaces.IsNew(NS.CLONE_NEWUSER) ? NS.CLONE_NEWIPC : 0);
        var joins = _namespaces.Joined.Where(j => JoinsInThread(j.Flag)).Select(j => (Descriptor: OpenNamespace(j.Type, j.Path), j.Flag)).ToList();
        var time = _namespaces.IsNew(NS.CLONE_NEWTIME);
        // What a user namespace that is joined is to own has to be made by somebody in it: by the child.
        var flags = _namespaces.JoinsUser ? _namespaces.New & NS.CLONE_NEWPID : _namespaces.New & ~afterFork;
        if (joins.Count == 0 && !time) return Start(script, flags);
        ForkedChild? child = null;
        LaunchThread.Run(() =>
        {
            foreach (var (descriptor, flag) in joins) NS.Enter(descriptor, flag);
            if (time) MakeTimeNamespace();
            child = Start(script, flags);
        });
        return child!;
    }

    private static ForkedChild Start(ChildScript script, uint flags)
    {
        try
        {
            return ForkedChild.Start(script.Program, flags, script.Sync);
        }
        catch (SyscallException e)
        {
            throw LaunchErrors.Of(LaunchStage.Namespaces, "make the container's namespaces (clone3)", e);
        }
    }

    // The new time namespace is for this thread's children; its offsets can be set until the first is there.
    private void MakeTimeNamespace()
    {
        NS.Unshare(NS.CLONE_NEWTIME);
        foreach (var (clock, offset) in _config.Linux?.TimeOffsets ?? new Dictionary<string, LinuxTimeOffset>())
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{clock} {offset.Secs} {offset.Nanosecs}");
            var result = Files.TryWriteControl($"/proc/{Processes.ThreadId}/timens_offsets", line);
            if (result < 0) throw LaunchErrors.Of(LaunchStage.Namespaces, $"set the time offset \"{line}\"", new SyscallException("write", -result));
        }
    }

    private void SetOomScore()
    {
        if (_process.OomScoreAdj is not { } score) return;
        var result = Files.TryWriteControl($"/proc/{_pid}/oom_score_adj", score.ToString(CultureInfo.InvariantCulture));
        if (result == 0 || (result == -Errno.EACCES && _namespaces.IsOwn(NS.CLONE_NEWUSER))) return;
        var hint = result == -Errno.EACCES ? ": lowering it needs CAP_SYS_RESOURCE, which the engine lacks" : "";
        throw GantryException.Of(ErrorKind.Forbidden, $"set oom_score_adj to {score}: {Errno.Text(-result)}{hint}", new LaunchFailure(LaunchStage.Confine, -result));
    }

    private void Help(Assist assist)
    {
        switch (assist)
        {
            case Init.Assist.WriteMaps:
                UserNamespaces.WriteMaps(_pid, _config.Linux?.UidMappings, _config.Linux?.GidMappings);
                break;
            case Init.Assist.MakePath path:
                MakePath(path);
                break;
            case Init.Assist.CopyUp copy:
                TmpfsCopy.Run(_root!, copy.Path, _pidFd!, copy.MountDescriptor);
                break;
            case Init.Assist.RunHooks:
                var state = State("creating");
                HookRunner.Run("prestart", _config.Hooks!.Prestart, state);
                HookRunner.Run("createRuntime", _config.Hooks.CreateRuntime, state);
                HookRunner.Run("createContainer", _config.Hooks.CreateContainer, state, _pidFd, _namespaces.Own & ~(NS.CLONE_NEWPID | NS.CLONE_NEWUSER | NS.CLONE_NEWTIME));
                break;
            case Init.Assist.SendListener listener:
                SeccompListener.Send(_pidFd!, listener.Descriptor, _pid, _config.Linux?.Seccomp, State("creating"));
                break;
        }
    }

    private void MakePath(Assist.MakePath path)
    {
        if (RootOwner() is not { } owner)
        {
            Ensure(null);
            return;
        }

        // The host's root is nobody on an id-mapped mount, and can make nothing there.
        LaunchThread.Run(() =>
        {
            FileIdentity.Take(owner.Uid, owner.Gid);
            Ensure(owner);
        });

        void Ensure((uint, uint)? by)
        {
            using (path.Directory ? SafePath.EnsureDirectory(_root!, path.Path, owner: by) : SafePath.EnsureFile(_root!, path.Path, owner: by))
            {
            }
        }
    }

    private (uint Uid, uint Gid)? RootOwner() => _namespaces.IsOwn(NS.CLONE_NEWUSER)
        ? (UserNamespaces.ToHost(_config.Linux?.UidMappings, 0) ?? 0, UserNamespaces.ToHost(_config.Linux?.GidMappings, 0) ?? 0)
        : null;

    private RuntimeState State(string status) => new()
    {
        OciVersion = _config.OciVersion,
        Id = _request.Id,
        Status = status,
        Pid = _pid,
        Bundle = _request.BundlePath,
        Annotations = _config.Annotations,
    };

    private static string? MountPointOf(string path)
    {
        for (var here = path; here.Length > 0; here = Path.GetDirectoryName(here) ?? "")
        {
            if (Files.TryStatus(null, here, 0, out var status) == 0 && status.IsMountRoot) return here;
        }

        return "/";
    }
}
