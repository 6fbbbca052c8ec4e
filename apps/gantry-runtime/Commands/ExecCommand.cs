using System.Globalization;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>exec</c>: a further process in a running container. Its exit code is the process's; 255 for errors of ours.</summary>
internal static class ExecCommand
{
    public static readonly Command Command = new(
        "run a further program in a running container",
        "[--process FILE] [--cwd DIR] [--env NAME=VALUE]… [--tty] [--user UID[:GID]] [--additional-gids GID]… [--detach] [--pid-file FILE] [--cap NAME]… [--no-new-privs] [--console-socket PATH] [--preserve-fds N] [--ignore-paused] ID COMMAND [ARGUMENTS]",
        new(
            ["--console-socket", "--pidfd-socket", "--cwd", "--env", "--user", "--additional-gids", "--process", "--pid-file", "--process-label", "--apparmor", "--cap", "--preserve-fds", "--cgroup"],
            ["--tty", "--detach", "--no-new-privs", "--ignore-paused", "--help"],
            new() { ["-e"] = "--env", ["-t"] = "--tty", ["-u"] = "--user", ["-g"] = "--additional-gids", ["-p"] = "--process", ["-d"] = "--detach", ["-c"] = "--cap" }),
        Run) { StopAtArgument = true, ForksIntoContainers = true };

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        if (options.Arguments.Count == 0) throw GantryException.Of(ErrorKind.Invalid, "exec takes a container ID and a command");
        var container = context.Get(options.Arguments[0]);
        var process = Process(options, container.Config.Process ?? new RuntimeProcess());
        if (options.Find("--cgroup") is { Length: > 0 } cgroup) throw GantryException.Of(ErrorKind.NotSupported, $"exec --cgroup {cgroup} is not supported: the process runs in the container's own cgroup");
        var detached = options.Has("--detach");
        ConsoleSocket.Check(process.Terminal, detached, options.Find("--console-socket"));
        using var running = container.Exec(process, StdioFds.Inherit, CreateCommand.PreserveFds(options), options.Has("--ignore-paused"), context.Seccomp);
        try
        {
            CreateCommand.Announce(running, options, detached);
        }
        catch
        {
            _ = Processes.TrySignal(running.PidFd, Processes.SIGKILL);
            throw;
        }

        if (detached) return 0;
        using var foreground = new Foreground(running);
        return foreground.Wait();
    }

    private static RuntimeProcess Process(ParsedOptions options, RuntimeProcess init)
    {
        if (options.Find("--process") is { Length: > 0 } file) return RuntimeConfigReader.ReadProcess(Files.ReadAll(file));
        if (options.Arguments.Count < 2) throw GantryException.Of(ErrorKind.Invalid, "exec needs a command, or --process FILE");
        var process = init with
        {
            Args = [.. options.Arguments.Skip(1)],
            Env = [.. init.Env, .. options.All("--env")],
            Cwd = options.Find("--cwd") ?? init.Cwd,
            Terminal = options.Has("--tty"),
            NoNewPrivileges = init.NoNewPrivileges || options.Has("--no-new-privs"),
            ApparmorProfile = options.Find("--apparmor") ?? init.ApparmorProfile,
            SelinuxLabel = options.Find("--process-label") ?? init.SelinuxLabel,
        };
        if (options.Find("--user") is { Length: > 0 } user)
        {
            var ids = user.Split(':');
            process = process with { User = process.User with { Uid = Number(ids[0]), Gid = ids.Length > 1 ? Number(ids[1]) : process.User.Gid } };
        }

        if (options.All("--additional-gids") is { Count: > 0 } gids) process = process with { User = process.User with { AdditionalGids = [.. gids.Select(Number)] } };
        if (options.All("--cap") is { Count: > 0 } added)
        {
            var capabilities = process.Capabilities ?? new RuntimeCapabilities();
            process = process with
            {
                Capabilities = capabilities with
                {
                    Bounding = [.. capabilities.Bounding ?? [], .. added],
                    Effective = [.. capabilities.Effective ?? [], .. added],
                    Permitted = [.. capabilities.Permitted ?? [], .. added],
                },
            };
        }

        return process;
    }

    private static uint Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw GantryException.Of(ErrorKind.Invalid, $"\"{text}\" is not a numeric user or group ID");
}
