using Gantry.Cli.Flags;
using Gantry.Cli.Terminal;
using Gantry.Kernel.Sys;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry attach</c>.</summary>
internal static class AttachCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "attach",
        Usage = "[OPTIONS] CONTAINER",
        Summary = "Attach local standard input, output, and error streams to a running container",
        Aliases = ["container attach", "attach"],
        Arity = Arity.Exactly(1),
        Names = Names.RunningContainers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var (flags, name, client) = (invocation.Flags, invocation.Arguments[0], invocation.Client);
        using var json = JsonDocument.Parse(client.Containers.Inspect(name));
        var (state, config) = (json.RootElement.GetProperty("State"), json.RootElement.GetProperty("Config"));
        if (!state.GetProperty("Running").GetBoolean())
            throw new FlagException("cannot attach to a stopped container, start it first");
        if (state.TryGetProperty("Paused", out var paused) && paused.GetBoolean())
            throw new FlagException("cannot attach to a paused container, unpause it first");
        if (state.TryGetProperty("Restarting", out var restarting) && restarting.GetBoolean())
            throw new FlagException("cannot attach to a restarting container, wait until it is running");
        var tty = config.GetProperty("Tty").GetBoolean();
        var stdin = !flags.Bool("no-stdin") && config.GetProperty("OpenStdin").GetBoolean();
        if (stdin && tty && !Terminals.IsTerminal(0))
            throw new FlagException("the input device is not a TTY");
        var id = json.RootElement.GetProperty("Id").GetString()!;
        var keys = ContainerCreation.DetachKeysOf(invocation);
        using var wait = client.Containers.Wait(id);
        using var stream = client.Containers.Attach(id, stdin, true, true, keys);
        using var signals = flags.Bool("sig-proxy") && !tty ? SignalForwarder.Start(client, id) : null;
        var session = new StreamSession(stream, invocation.Out, invocation.Error, DetachKeys.Parse(keys))
        {
            Tty = tty,
            Stdin = stdin,
            Resize = (rows, columns) => client.Containers.Resize(id, rows, columns),
        };
        if (session.Run())
        {
            invocation.Error.WriteLine("read escape sequence");
            return ExitCodes.Failure;
        }
        return (int)(wait.Result().StatusCode ?? 0);
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("detach-keys", FlagKind.Text, "Override the key sequence for detaching a container"),
        new("no-stdin", FlagKind.Bool, "Do not attach STDIN"),
        new("sig-proxy", FlagKind.Bool, "Proxy all received signals to the process (default true)", Default: "true"),
    ];
}
