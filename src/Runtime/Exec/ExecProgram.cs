using Gantry.Kernel.Abi;
using Gantry.Kernel.Launch;
using Gantry.Model;
using Gantry.Runtime.Init;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Runtime.Exec;

/// <summary>The program of a process that joins a running container. Pure.</summary>
/// <param name="Script">The program.</param>
/// <param name="Home">Where the parent may write <c>HOME=…</c> before it lets the child go on; null when the process has it.</param>
internal sealed record ExecProgram(ChildScript Script, Argument? Home)
{
    private const int KEYCTL_JOIN_SESSION_KEYRING = 1;

    /// <summary>Compiles.</summary>
    /// <exception cref="GantryException">Invalid: the process asks for something that cannot be.</exception>
    public static ExecProgram Compile(ExecInput input)
    {
        var kept = new List<int>(input.Process.Stdio) { input.InitPidFd };
        kept.AddRange(input.CgroupFiles);
        kept.AddRange(Enumerable.Range(3, input.Process.PreserveFds));
        var script = new ChildScript(input.Sync, kept);
        script.CloseStrangers();
        script.Call(SyscallNumbers.Umask, 0);
        script.Call(SyscallNumbers.Setsid);
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

        // An anonymous session keyring: the caller's keys are not the container's.
        script.Step(LaunchStage.Namespaces, "make a session keyring");
        script.Call(SyscallNumbers.Keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0).Ignore(Errno.ENOSYS, Errno.EPERM);
        ContainerProgram.SecurityLabels(script, input.Process.Process);
        script.Step(LaunchStage.Namespaces, "join the container's namespaces");
        if (input.Namespaces != 0) script.Call(SyscallNumbers.Setns, input.InitPidFd, input.Namespaces);
        script.Close(input.InitPidFd);
        if (input.UserNamespace)
        {
            script.Call(SyscallNumbers.Setresgid, 0, 0, 0);
            script.Call(SyscallNumbers.Setresuid, 0, 0, 0);
        }

        script.Step(LaunchStage.Rootfs, "open the container's root");
        script.Call(SyscallNumbers.Openat, AT_FDCWD, script.Program.Text("/"), O_PATH | O_DIRECTORY | O_CLOEXEC).Save(ChildScript.MountRegister);
        script.MoveToSlot(ChildScript.MountRegister, script.RootSlot);
        int? terminal = input.Process.Process.Terminal ? TerminalCompiler.Open(script, input.Process.Process, hostTerminal: null) : null;
        if (input.Personality is { } personality)
        {
            script.Step(LaunchStage.Confine, $"set the personality {personality.Domain}");
            script.Call(SyscallNumbers.Personality, SchedulingWords.Personality(personality));
        }

        var process = input.Process with { Terminal = terminal, OwnsStdio = terminal is null ? input.Process.OwnsStdio : [true, false, false] };
        ProcessCompiler.Confine(script, process);
        ProcessCompiler.Find(script, process);
        var home = ProcessCompiler.Execute(script, process, s => s.Say(ChildMessageKind.Executing));
        return new ExecProgram(script, home);
    }
}
