using Gantry.Kernel.Abi;
using Gantry.Kernel.Launch;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Rootfs;

namespace Gantry.Runtime.Init;

/// <summary>
/// The program of a container's init, from the fork to execve, in numbered steps. Pure: the same input gives the same program.
/// </summary>
/// <param name="Script">The program and what it may ask.</param>
/// <param name="Home">Where the parent may write <c>HOME=…</c>; null when the config sets it.</param>
internal sealed record ContainerProgram(ChildScript Script, Argument? Home)
{
    private const int KEYCTL_JOIN_SESSION_KEYRING = 1;
    private const int AF_INET = 2;
    private const int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private const uint SIOCSIFFLAGS = 0x8914;
    private const uint IFF_UP_RUNNING = 0x41;

    /// <summary>Compiles.</summary>
    /// <exception cref="GantryException">Invalid: the config asks for something that cannot be.</exception>
    public static ContainerProgram Compile(LaunchInput input)
    {
        var script = new ChildScript(input.Sync, Kept(input));

        // 1 be alone
        script.CloseStrangers();
        script.Call(SyscallNumbers.Umask, 0);
        script.Call(SyscallNumbers.Setsid);

        // 2 namespaces and cgroups
        input = MountProcesses(script, input);
        Namespaces(script, input);
        Identify(script, input);

        // 3 the root filesystem, with the host's still in sight
        RootfsCompiler.OpenRoot(script, input);
        RootfsCompiler.Fill(script, input);
        var terminal = Terminal(script, input);
        if (input.Process.Cwd is { Length: > 1 } cwd && !cwd.StartsWith("/proc/", StringComparison.Ordinal))
        {
            script.Step(LaunchStage.Rootfs, $"make the working directory {cwd}");
            script.EnsureInRoot(cwd, directory: true, ChildScript.TargetRegister);
            script.Close(Argument.Register(ChildScript.TargetRegister));
        }

        script.Step(LaunchStage.Rootfs, "run hooks");
        if (HasEarlyHooks(input.Config.Hooks)) script.Ask(new Assist.RunHooks());
        RootfsCompiler.Protect(script, input);
        RootfsCompiler.Pivot(script, input);

        // 4 the process
        if (input.Config.Linux?.Personality is { } personality)
        {
            script.Step(LaunchStage.Confine, $"set the personality {personality.Domain}");
            script.Call(SyscallNumbers.Personality, SchedulingWords.Personality(personality));
        }

        var process = new ProcessInput
        {
            Process = input.Process,
            Terminal = terminal,
            Stdio = input.Stdio,
            OwnsStdio = terminal is null ? input.OwnsStdio : [true, false, false],
            Capabilities = input.Capabilities,
            LastCapability = input.LastCapability,
            Seccomp = input.Seccomp,
            CanSetGroups = input.CanSetGroups,
            PreserveFds = input.PreserveFds,
        };
        ProcessCompiler.Confine(script, process);
        ProcessCompiler.Find(script, process);

        // 5 the gate, and through it
        var home = ProcessCompiler.Execute(script, process, WaitAtGate);
        return new ContainerProgram(script, home);

        void WaitAtGate(ChildScript s)
        {
            s.Step(LaunchStage.Exec, "wait for start");
            s.Say(ChildMessageKind.Ready);
            var gate = input.Gate ?? input.Sync;
            var result = input.Result ?? input.Sync;
            s.Program.ReportTo(result);
            if (input.Gate is not null) s.Close(input.Sync);
            s.Call(SyscallNumbers.Read, gate, s.Program.Reserve(8), 1).AtLeast(1);
            s.Call(SyscallNumbers.Write, result, s.Program.Ints((uint)ChildMessageKind.Executing, 0, 0, 0), ChildMessage.SizeBytes);
        }
    }

    /// <summary>Whether hooks are due before pivot_root.</summary>
    public static bool HasEarlyHooks(RuntimeHooks? hooks) =>
        hooks is { Prestart.Count: > 0 } or { CreateRuntime.Count: > 0 } or { CreateContainer.Count: > 0 };

    private static List<int> Kept(LaunchInput input)
    {
        var kept = new List<int>(input.Stdio);
        kept.AddRange(input.Joins.Select(j => j.Descriptor));
        kept.AddRange(input.CgroupFiles);
        kept.AddRange(input.Mounts.Values.Select(m => m.Descriptor));
        kept.AddRange(input.DeviceMounts.Values);
        kept.AddRange(Enumerable.Range(3, input.PreserveFds));
        if (input.RootfsTree is { } tree) kept.Add(tree);
        if (input.HostTerminal is { } terminal) kept.Add(terminal);
        if (input.Gate is { } gate) kept.Add(gate);
        if (input.Result is { } result) kept.Add(result);
        return kept;
    }

    // A pid namespace that is made before the user namespace is joined belongs to the host's, and only who has rights over it
    // may mount its procfs: the child as long as it is the host's root.
    private static LaunchInput MountProcesses(ChildScript script, LaunchInput input)
    {
        if (!input.Namespaces.JoinsUser || !input.Namespaces.IsNew(Kernel.Sys.Namespaces.CLONE_NEWPID)) return input;
        var mounts = new Dictionary<int, OpenedMount>(input.Mounts);
        for (var i = 0; i < input.Config.Mounts.Count; i++)
        {
            if (input.Config.Mounts[i].Type != "proc") continue;
            var slot = script.NewSlot();
            script.Step(LaunchStage.Rootfs, $"mount proc for {input.Config.Mounts[i].Destination}");
            MountCompiler.NewProcesses(script, input.Config.Mounts[i]);
            script.MoveToSlot(ChildScript.MountRegister, slot);
            mounts[i] = new OpenedMount(slot, IsDirectory: true);
        }

        return input with { Mounts = mounts };
    }

    private static void Namespaces(ChildScript script, LaunchInput input)
    {
        foreach (var (descriptor, flag) in input.Joins)
        {
            script.Step(LaunchStage.Namespaces, $"join the {NameOf(flag)} namespace");
            script.Call(SyscallNumbers.Setns, descriptor, flag);
            script.Close(descriptor);
        }

        if (input.CgroupFiles.Count > 0)
        {
            script.Step(LaunchStage.Namespaces, "join the cgroup");
            var zero = script.Program.Text("0");
            foreach (var file in input.CgroupFiles)
            {
                script.Call(SyscallNumbers.Write, file, zero, 1);
                script.Close(file);
            }
        }

        if (input.UserNamespace)
        {
            if (input.Namespaces.IsNew(Kernel.Sys.Namespaces.CLONE_NEWUSER))
            {
                script.Step(LaunchStage.Namespaces, "map the user namespace");
                script.Ask(new Assist.WriteMaps());
            }

            script.Step(LaunchStage.Namespaces, "become root of the user namespace");
            script.Call(SyscallNumbers.Setresgid, 0, 0, 0);
            script.Call(SyscallNumbers.Setresuid, 0, 0, 0);
            if (input.Namespaces.IsNew(Kernel.Sys.Namespaces.CLONE_NEWIPC) && input.Namespaces.IsNew(Kernel.Sys.Namespaces.CLONE_NEWUSER))
            {
                // Not by the fork: the message queues' directory belongs to whoever makes the namespace.
                script.Step(LaunchStage.Namespaces, "make an ipc namespace");
                script.Call(SyscallNumbers.Unshare, Kernel.Sys.Namespaces.CLONE_NEWIPC);
            }

            const uint Elsewhere = Kernel.Sys.Namespaces.CLONE_NEWPID | Kernel.Sys.Namespaces.CLONE_NEWTIME | Kernel.Sys.Namespaces.CLONE_NEWCGROUP;
            if (input.Namespaces.JoinsUser && (input.Namespaces.New & ~Elsewhere) is not 0 and var made)
            {
                script.Step(LaunchStage.Namespaces, "make the container's namespaces");
                script.Call(SyscallNumbers.Unshare, made);
            }
        }

        if (!input.Namespaces.IsNew(Kernel.Sys.Namespaces.CLONE_NEWCGROUP)) return;
        // Only now: a cgroup namespace's root is the cgroup its maker is in.
        script.Step(LaunchStage.Namespaces, "make a cgroup namespace");
        script.Call(SyscallNumbers.Unshare, Kernel.Sys.Namespaces.CLONE_NEWCGROUP);
    }

    private static void Identify(ChildScript script, LaunchInput input)
    {
        var config = input.Config;
        if (!input.NoNewKeyring)
        {
            script.Step(LaunchStage.Namespaces, "make a session keyring");
            script.Call(SyscallNumbers.Keyctl, KEYCTL_JOIN_SESSION_KEYRING, script.Program.Text("_ses." + input.Id)).Ignore(Errno.ENOSYS, Errno.EPERM);
        }

        if (input.Namespaces.IsNew(Kernel.Sys.Namespaces.CLONE_NEWNET))
        {
            script.Step(LaunchStage.Namespaces, "bring up the loopback interface");
            script.Call(SyscallNumbers.Socket, AF_INET, SOCK_DGRAM_CLOEXEC, 0).Save(ChildScript.ScratchRegister);
            var request = script.Program.Ints('l' | ((uint)'o' << 8), 0, 0, 0, IFF_UP_RUNNING, 0, 0, 0, 0, 0); // struct ifreq
            script.Call(SyscallNumbers.Ioctl, Argument.Register(ChildScript.ScratchRegister), SIOCSIFFLAGS, request);
            script.Close(Argument.Register(ChildScript.ScratchRegister));
        }

        if (!string.IsNullOrEmpty(config.Hostname))
        {
            script.Step(LaunchStage.Namespaces, $"set the hostname to {config.Hostname}");
            script.Call(SyscallNumbers.Sethostname, script.Program.Text(config.Hostname), System.Text.Encoding.UTF8.GetByteCount(config.Hostname));
        }

        if (!string.IsNullOrEmpty(config.Domainname))
        {
            script.Step(LaunchStage.Namespaces, $"set the domain name to {config.Domainname}");
            script.Call(SyscallNumbers.Setdomainname, script.Program.Text(config.Domainname), System.Text.Encoding.UTF8.GetByteCount(config.Domainname));
        }

        foreach (var (path, value) in input.Sysctls)
        {
            // Through the host's procfs: it shows each process its own namespaces, and no image can put anything in its place.
            script.Step(LaunchStage.Namespaces, $"set sysctl {path.Replace('/', '.')} to {value}");
            script.WriteHostFile("/proc/sys/" + path, value);
        }

        SecurityLabels(script, input.Process);
    }

    /// <summary>The labels that the kernel applies at the next execve.</summary>
    public static void SecurityLabels(ChildScript script, RuntimeProcess process)
    {
        if (process.ApparmorProfile is { Length: > 0 } profile && profile != "unconfined")
        {
            script.Step(LaunchStage.Confine, $"apply the AppArmor profile {profile}");
            script.WriteHostFile("/proc/self/attr/apparmor/exec", "exec " + profile);
        }

        if (process.SelinuxLabel is { Length: > 0 } label)
        {
            script.Step(LaunchStage.Confine, $"apply the SELinux label {label}");
            script.WriteHostFile("/proc/self/attr/exec", label);
        }
    }

    private static int? Terminal(ChildScript script, LaunchInput input)
    {
        if (!input.Process.Terminal) return null;
        var slave = TerminalCompiler.Open(script, input.Process, input.HostTerminal);
        TerminalCompiler.BindConsole(script, slave);
        return slave;
    }

    private static string NameOf(uint flag) => flag switch
    {
        Kernel.Sys.Namespaces.CLONE_NEWUSER => "user",
        Kernel.Sys.Namespaces.CLONE_NEWPID => "pid",
        Kernel.Sys.Namespaces.CLONE_NEWNET => "network",
        Kernel.Sys.Namespaces.CLONE_NEWIPC => "ipc",
        Kernel.Sys.Namespaces.CLONE_NEWUTS => "uts",
        Kernel.Sys.Namespaces.CLONE_NEWCGROUP => "cgroup",
        Kernel.Sys.Namespaces.CLONE_NEWTIME => "time",
        _ => "mount",
    };
}
