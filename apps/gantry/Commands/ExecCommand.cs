using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Cli.Terminal;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry exec</c>.</summary>
internal static class ExecCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "exec",
        Usage = "[OPTIONS] CONTAINER COMMAND [ARG...]",
        Summary = "Execute a command in a running container",
        Aliases = ["container exec", "exec"],
        Arity = Arity.AtLeast(2),
        Names = Names.RunningContainers,
        Flags = Flags,
        StopsAtFirstArgument = true,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var (flags, client, container) = (invocation.Flags, invocation.Client, invocation.Arguments[0]);
        var (tty, detach, stdin) = (flags.Bool("tty"), flags.Bool("detach"), flags.Bool("interactive"));
        var keys = ContainerCreation.DetachKeysOf(invocation);
        if (!detach && stdin && tty && !Terminals.IsTerminal(0))
        {
            // As with docker, a container that is not there is the first thing to say.
            _ = client.Containers.Inspect(container);
            throw new FlagException("the input device is not a TTY: leave out -t when stdin is no terminal");
        }

        var size = tty && !detach ? Terminals.FindSize(1) : null;
        var exec = client.Execs.Create(container, new()
        {
            Command = [.. invocation.Arguments.Skip(1)],
            Environment = Environment(flags),
            User = flags.Text("user"),
            WorkingDirectory = flags.Text("workdir"),
            Privileged = flags.Bool("privileged"),
            Tty = tty,
            AttachStdin = stdin && !detach,
            AttachStdout = !detach,
            AttachStderr = !detach,
            DetachKeys = keys,
            ConsoleSize = size,
        });
        if (detach)
        {
            client.Execs.StartDetached(exec, tty);
            return ExitCodes.Success;
        }
        using var stream = client.Execs.Start(exec, tty, size);
        var detached = new StreamSession(stream, invocation.Out, invocation.Error, DetachKeys.Parse(keys))
        {
            Tty = tty,
            Stdin = stdin,
            Resize = (rows, columns) => client.Execs.Resize(exec, rows, columns),
        }.Run();
        return detached ? ExitCodes.Success : client.Execs.Inspect(exec).ExitCode;
    }

    private static List<string>? Environment(FlagValues flags)
    {
        var all = new List<string>();
        foreach (var file in flags.List("env-file"))
            all.AddRange(EnvironmentFiles.Read(file, System.Environment.GetEnvironmentVariable));
        all.AddRange(flags.List("env"));
        return all.Count > 0 ? all : null;
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("detach", FlagKind.Bool, "Detached mode: run command in the background", 'd'),
        new("detach-keys", FlagKind.Text, "Override the key sequence for detaching a container"),
        new("env", FlagKind.List, "Set environment variables", 'e') { Normalize = ListChecks.Environment },
        new("env-file", FlagKind.List, "Read in a file of environment variables"),
        new("interactive", FlagKind.Bool, "Keep STDIN open even if not attached", 'i'),
        new("privileged", FlagKind.Bool, "Give extended privileges to the command"),
        new("tty", FlagKind.Bool, "Allocate a pseudo-TTY", 't'),
        new("user", FlagKind.Text, "Username or UID (format: \"<name|uid>[:<group|gid>]\")", 'u'),
        new("workdir", FlagKind.Text, "Working directory inside the container", 'w'),
    ];
}
