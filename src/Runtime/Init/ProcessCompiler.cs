using Gantry.Kernel.Abi;
using Gantry.Kernel.Launch;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Runtime.Init;

/// <summary>Compiles what turns a child that is inside its namespaces into the process: the same for init and for exec.</summary>
internal static class ProcessCompiler
{
    private const int SIG_SETMASK = 2;
    private const int SIGKILL = 9;
    private const int SIGSTOP = 19;
    private const int PR_SET_KEEPCAPS = 8;
    private const int PR_CAPBSET_DROP = 24;
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int PR_CAP_AMBIENT = 47;
    private const int PR_CAP_AMBIENT_RAISE = 2;
    private const int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private const uint LinuxCapabilityVersion3 = 0x20080522;
    private const uint TIOCSCTTY = 0x540E;
    private const int SECCOMP_SET_MODE_FILTER = 1;
    private const uint CLOSE_RANGE_CLOEXEC = 4;
    private const int HomeBytes = 4096;

    /// <summary>Standard streams, limits, identity, confinement: up to the last call before execve.</summary>
    public static void Confine(ChildScript script, ProcessInput input)
    {
        var process = input.Process;
        Streams(script, input);
        Scheduling(script, process);
        foreach (var (resource, soft, hard) in Rlimits.Of(process.Rlimits))
        {
            script.Step(LaunchStage.Confine, $"set {Rlimits.Names[resource]} to {Limit(soft)}:{Limit(hard)}");
            script.Call(SyscallNumbers.Prlimit64, 0, resource, script.Program.Longs(soft, hard), 0);
        }

        // NOTE: openat2 within the root and without magic links: a working directory of /proc/self/fd/N would lead to a
        // descriptor of the host's (CVE-2024-21626).
        var cwd = process.Cwd.Length == 0 ? "/" : process.Cwd;
        script.Step(LaunchStage.Exec, $"chdir to cwd (\"{cwd}\") set in config.json");
        var early = script.OpenInRoot(cwd, O_PATH | O_DIRECTORY, ChildScript.WorkingDirectoryRegister).Ignore(Errno.EACCES, Errno.EPERM);
        script.Call(SyscallNumbers.Fchdir, Argument.Register(ChildScript.WorkingDirectoryRegister));
        early.OnIgnoredGoHere();

        if (process.NoNewPrivileges)
        {
            script.Step(LaunchStage.Confine, "set no_new_privs");
            script.Call(SyscallNumbers.Prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        }
        else
        {
            Filter(script, input); // Needs CAP_SYS_ADMIN, which is about to go.
        }

        Identity(script, input);
        Capabilities(script, input);

        // Again, as the user: what root may not reach (NFS with root squash) the user may.
        script.Step(LaunchStage.Exec, $"chdir to cwd (\"{cwd}\") set in config.json");
        var there = script.Program.SkipIfSet(ChildScript.WorkingDirectoryRegister);
        script.OpenInRoot(cwd, O_PATH | O_DIRECTORY, ChildScript.WorkingDirectoryRegister);
        script.Call(SyscallNumbers.Fchdir, Argument.Register(ChildScript.WorkingDirectoryRegister));
        there.OnSuccessGoHere();
        Signals(script);
        if (process.NoNewPrivileges) Filter(script, input);
    }

    /// <summary>Where the program lies: fails now, while nothing has been promised, when it is nowhere.</summary>
    public static void Find(ChildScript script, ProcessInput input)
    {
        script.Step(LaunchStage.Exec, "find the program");
        var candidates = ProgramSearch.Candidates(input.Process);
        var found = new List<Operation>();
        foreach (var candidate in candidates.SkipLast(1))
            found.Add(script.Call(SyscallNumbers.Faccessat, AT_FDCWD, script.Program.Text(candidate), 1).IgnoreAll());
        script.Call(SyscallNumbers.Faccessat, AT_FDCWD, script.Program.Text(candidates[^1]), 1);
        foreach (var operation in found) operation.OnSuccessGoHere();
    }

    /// <summary>execve, of each place the program may be at.</summary>
    /// <returns>Where the parent may write HOME (as <c>HOME=…</c>, at most 4096 bytes with its zero) while the child waits; null when the environment has it.</returns>
    public static Argument? Execute(ChildScript script, ProcessInput input, Action<ChildScript> before)
    {
        var program = script.Program;
        var process = input.Process;
        var arguments = program.TextArray([.. process.Args.Select(program.Text)]);
        // An empty HOME is none. Source: runc libcontainer/init_linux.go.
        var variables = process.Env.Where(v => v != "HOME=").Select(program.Text).ToList();
        Argument? home = null;
        if (!process.Env.Any(v => v.StartsWith("HOME=", StringComparison.Ordinal) && v != "HOME="))
        {
            var place = program.Reserve(HomeBytes);
            variables.Add(place);
            home = place;
        }

        var environment = program.TextArray(variables);
        script.Step(LaunchStage.Exec, "close descriptors");
        script.Call(SyscallNumbers.CloseRange, 3 + input.PreserveFds, uint.MaxValue, CLOSE_RANGE_CLOEXEC);
        before(script);
        script.Step(LaunchStage.Exec, "execve");
        var candidates = ProgramSearch.Candidates(process);
        for (var i = 0; i < candidates.Count; i++)
        {
            var call = script.Call(SyscallNumbers.Execve, program.Text(candidates[i]), arguments, environment);
            if (i < candidates.Count - 1) call.Ignore(Errno.ENOENT, Errno.EACCES, Errno.ENOTDIR);
        }

        script.Call(SyscallNumbers.ExitGroup, 127);
        return home;
    }

    private static string Limit(ulong value) => value == ulong.MaxValue ? "unlimited" : value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Streams(ChildScript script, ProcessInput input)
    {
        script.Step(LaunchStage.Exec, "connect the standard streams");
        for (var target = 0; target < 3; target++)
        {
            var source = input.Terminal ?? input.Stdio[target];
            if (source != target) script.Call(SyscallNumbers.Dup3, source, target, 0);
            if (input.OwnsStdio[target] && input.Process.User.Uid != 0)
            {
                // So that /dev/stdout can be opened by the user; what cannot change hands stays as it is.
                script.Call(SyscallNumbers.Fchownat, target, script.Empty, input.Process.User.Uid, uint.MaxValue, AT_EMPTY_PATH).Ignore(Errno.EPERM, Errno.EINVAL);
            }
        }

        if (input.Terminal is null) return;
        script.Call(SyscallNumbers.Ioctl, 0, TIOCSCTTY, 0);
    }

    private static void Scheduling(ChildScript script, RuntimeProcess process)
    {
        if (process.Scheduler is { } scheduler)
        {
            script.Step(LaunchStage.Confine, $"set the scheduler to {scheduler.Policy}");
            script.Call(SyscallNumbers.SchedSetattr, 0, script.Program.Bytes(SchedulingWords.Attributes(scheduler)), 0);
        }

        if (process.IoPriority is { } priority)
        {
            script.Step(LaunchStage.Confine, $"set the I/O priority to {priority.Class} {priority.Priority}");
            script.Call(SyscallNumbers.IoprioSet, 1, 0, SchedulingWords.IoPriority(priority));
        }
    }

    private static void Identity(ChildScript script, ProcessInput input)
    {
        var user = input.Process.User;
        script.Step(LaunchStage.Confine, "drop capabilities from the bounding set");
        for (var capability = 0; capability <= input.LastCapability; capability++)
        {
            if ((input.Capabilities.Bounding & (1UL << capability)) == 0) script.Call(SyscallNumbers.Prctl, PR_CAPBSET_DROP, capability, 0, 0, 0).Ignore(Errno.EINVAL);
        }

        script.Call(SyscallNumbers.Prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
        var groups = user.AdditionalGids ?? [];
        if (input.CanSetGroups)
        {
            script.Step(LaunchStage.Confine, $"set the groups {string.Join(",", groups)}");
            script.Call(SyscallNumbers.Setgroups, groups.Count, script.Program.Ints([.. groups]));
        }
        else if (groups.Count > 0)
        {
            throw GantryException.Of(ErrorKind.Invalid, "process.user.additionalGids cannot be set: the user namespace forbids setgroups(2), as it maps a group of its creator only");
        }

        script.Step(LaunchStage.Confine, $"become user {user.Uid}:{user.Gid}");
        script.Call(SyscallNumbers.Setresgid, user.Gid, user.Gid, user.Gid);
        script.Call(SyscallNumbers.Setresuid, user.Uid, user.Uid, user.Uid);
        script.Call(SyscallNumbers.Prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
        script.Call(SyscallNumbers.Umask, user.Umask ?? 0x12); // 0022
    }

    private static void Capabilities(ChildScript script, ProcessInput input)
    {
        var sets = input.Capabilities;
        script.Step(LaunchStage.Confine, "set capabilities");
        var header = script.Program.Ints(LinuxCapabilityVersion3, 0);
        var data = script.Program.Ints(
            (uint)sets.Effective,
            (uint)sets.Permitted,
            (uint)sets.Inheritable,
            (uint)(sets.Effective >> 32),
            (uint)(sets.Permitted >> 32),
            (uint)(sets.Inheritable >> 32));
        script.Call(SyscallNumbers.Capset, header, data);
        script.Call(SyscallNumbers.Prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0).Ignore(Errno.EINVAL);
        for (var capability = 0; capability <= input.LastCapability; capability++)
        {
            if ((sets.Ambient & (1UL << capability)) != 0) script.Call(SyscallNumbers.Prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
        }
    }

    // Ignored signals survive execve (SIGPIPE: .NET ignores it), and so does the mask, which the fork filled.
    public static void Signals(ChildScript script)
    {
        script.Step(LaunchStage.Exec, "reset signals");
        var byDefault = script.Program.Reserve(32);
        for (var signal = 1; signal <= 64; signal++)
        {
            if (signal is not (SIGKILL or SIGSTOP)) script.Call(SyscallNumbers.RtSigaction, signal, byDefault, 0, 8);
        }

        script.Call(SyscallNumbers.RtSigprocmask, SIG_SETMASK, script.Program.Longs(0), 0, 8);
    }

    private static void Filter(ChildScript script, ProcessInput input)
    {
        if (input.Seccomp is not { } filter) return;
        script.Step(LaunchStage.Confine, "load the seccomp filter");
        var program = script.Program.Longs((ulong)filter.Length, 0); // struct sock_fprog
        script.Program.PointTo(program, 8, script.Program.Bytes(filter.Program.Span));
        var load = script.Call(SyscallNumbers.Seccomp, SECCOMP_SET_MODE_FILTER, filter.Flags, program);
        if (!filter.NeedsListener) return;
        var slot = script.NewSlot();
        load.Save(ChildScript.ScratchRegister);
        script.MoveToSlot(ChildScript.ScratchRegister, slot);
        script.Ask(new Assist.SendListener(slot));
        script.Close(slot);
    }
}
