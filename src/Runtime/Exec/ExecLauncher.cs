using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Runtime.Confine;
using Gantry.Runtime.Exec;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.Init;
using Gantry.Runtime.Namespaces;
using NS = Gantry.Kernel.Sys.Namespaces;

namespace Gantry.Runtime;

/// <summary>Runs further processes in a running container. Blocking; safe on any thread and on several at once.</summary>
public static class ExecLauncher
{
    /// <summary>Starts a process inside the container; it has exec'ed when this returns.</summary>
    /// <exception cref="GantryException">With <see cref="LaunchFailure"/>: the step and errno; nothing runs then.</exception>
    public static LaunchedProcess Exec(ExecRequest request)
    {
        if (request.Process.Args.Count == 0) throw GantryException.Of(ErrorKind.Invalid, "process.args is empty: there is no program to run");
        ConfigRules.CheckProcess(request.Process);
        using var resources = new LaunchResources();
        var root = OpenRoot(request, resources);
        var process = request.Process;
        if (string.IsNullOrEmpty(ProgramSearch.Variable(process.Env, "HOME")))
            process = process with { Env = [.. process.Env.Where(static v => v != "HOME="), "HOME=" + HomeDirectory.Find(root, process.User.Uid)] };
        var namespaces = NamespacePlan.Of(request.Config.Linux?.Namespaces, []);
        var channel = SyncChannel.Open();
        ForkedChild? child = null;
        LaunchConversation? conversation = null;
        try
        {
            var streams = process.Terminal ? [0, 1, 2] : resources.Streams(request.Stdio);
            var program = ExecProgram.Compile(new ExecInput
            {
                Process = new ProcessInput
                {
                    Process = process,
                    Stdio = streams,
                    OwnsStdio = process.Terminal ? [false, false, false] : LaunchResources.Owned(streams),
                    Capabilities = CapabilitySets.Of(process.Capabilities),
                    LastCapability = CapabilitySets.LastCapability,
                    Seccomp = request.Seccomp,
                    PreserveFds = request.PreserveFds,
                },
                Sync = channel.Child.Number,
                InitPidFd = request.InitPidFd.Number,
                Namespaces = namespaces.Own & ~NS.CLONE_NEWPID,
                UserNamespace = namespaces.IsOwn(NS.CLONE_NEWUSER),
                CgroupFiles = resources.OpenCgroupFiles(request.CgroupJoinFiles),
                Personality = request.Config.Linux?.Personality,
            });
            child = Fork(program.Script, request.InitPidFd, namespaces.IsOwn(NS.CLONE_NEWPID));
            channel.Child.Dispose();
            conversation = new LaunchConversation(channel, child, program.Script, process, program.Home);
            conversation.Provide(null, Files.Duplicate(root.Number));
            var score = process.OomScoreAdj ?? request.Config.Process?.OomScoreAdj;
            if (score is { } value) _ = Files.TryWriteControl($"/proc/{child.Pid}/oom_score_adj", value.ToString(System.Globalization.CultureInfo.InvariantCulture));
            conversation.UntilExecuted(assist => Help(assist, request, child));
            return new LaunchedProcess(child.Pid, child.PidFd, conversation);
        }
        catch
        {
            if (child is not null)
            {
                _ = Processes.TrySignal(child.PidFd, Processes.SIGKILL);
                _ = Processes.TryWait(child.PidFd, block: true, out _);
                child.PidFd.Dispose();
            }

            conversation?.Dispose();
            channel.Dispose();
            throw;
        }
    }

    private static void Help(Assist assist, ExecRequest request, ForkedChild child)
    {
        if (assist is not Assist.SendListener listener || request.State is null)
            throw GantryException.Of(ErrorKind.NotSupported, "exec cannot be done under a seccomp filter that notifies an agent (SCMP_ACT_NOTIFY): use another action");
        SeccompListener.Send(child.PidFd, listener.Descriptor, child.Pid, request.Config.Linux?.Seccomp, request.State);
    }

    private static Fd OpenRoot(ExecRequest request, LaunchResources resources)
    {
        var result = Files.TryOpenAt(null, $"/proc/{request.InitPid}/root", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, out var root);
        // The pid may be another's by now; a live pidfd says that it is not.
        if (result < 0 || Processes.TrySignal(request.InitPidFd, 0) < 0)
        {
            root?.Dispose();
            throw GantryException.Of(ErrorKind.Conflict, "the container is not running: start it first", new LaunchFailure(LaunchStage.Namespaces, result < 0 ? -result : Errno.ESRCH));
        }

        resources.Keep(root!);
        return root!;
    }

    private static ForkedChild Fork(ChildScript script, Fd init, bool joinsPid)
    {
        try
        {
            if (!joinsPid) return ForkedChild.Start(script.Program, 0, script.Sync);
            ForkedChild? child = null;
            LaunchThread.Run(() =>
            {
                NS.Enter(init, NS.CLONE_NEWPID);
                child = ForkedChild.Start(script.Program, 0, script.Sync);
            });
            return child!;
        }
        catch (SyscallException e)
        {
            throw LaunchErrors.Of(LaunchStage.Namespaces, "join the container's pid namespace", e);
        }
    }
}
